import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLocalForge } from '../../local/mod.ts';
import type { Deployment } from '../../pipeline/mod.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-forge-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('keeps pull requests and their comment from one process to the next', async () => {
  const forge = createLocalForge(directory, 'shop');
  expect(await forge.pullRequest(1)).toBeUndefined();
  await forge.openPullRequest({ number: 2, head: 'b', title: 'Two' });
  await forge.openPullRequest({ number: 1, head: 'a' });
  await forge.openPullRequest({ number: 1, head: 'a2' });
  await forge.comment(1, 'first');
  await forge.comment(1, 'second');
  await forge.closePullRequest(2);
  await forge.closePullRequest(7);
  const again = createLocalForge(directory, 'shop');
  expect(await again.pullRequest(1)).toEqual({ number: 1, state: 'open', head: 'a2' });
  expect(await again.pullRequest(2)).toEqual({ number: 2, state: 'closed', head: 'b', title: 'Two' });
  expect(await again.openPullRequests()).toEqual([{ number: 1, state: 'open', head: 'a2' }]);
  expect(await again.commentOn(1)).toBe('second');
  expect(await createLocalForge(directory, 'other').openPullRequests()).toEqual([]);
});

test('gives the history newest first, and loses nothing of what is recorded at once', async () => {
  const forge = createLocalForge(directory, 'history');
  const entry = (name: string, at: string): Deployment => ({
    environment: { application: 'history', name, type: 'preview' },
    action: 'preview',
    status: 'success',
    release: 'sha256:aa',
    at,
  });
  await forge.record(entry('pr-1', '1'));
  await Promise.all(
    Array.from({ length: 10 }, (_, index) => createLocalForge(directory, 'history').record(entry('pr-2', `${index}`))),
  );
  await forge.record({ ...entry('pr-1', '2'), release: 'sha256:bb' });
  expect((await forge.deployments(entry('pr-1', '').environment)).map(({ at }) => at)).toEqual(['2', '1']);
  expect(await forge.deployments(entry('pr-2', '').environment)).toHaveLength(10);
  expect((await forge.deploymentsOf('history', 'sha256:bb')).map(({ at }) => at)).toEqual(['2']);
});

test('keeps the histories of places apart', async () => {
  const entry: Deployment = {
    environment: { application: 'places', name: 'production', type: 'production' },
    action: 'rollback',
    status: 'success',
    at: '2026-01-01T00:00:00Z',
  };
  await createLocalForge(directory, 'places').record(entry);
  expect(await createLocalForge(directory, 'places').deployments(entry.environment)).toEqual([entry]);
  expect(await createLocalForge(directory, 'places', 'aws').deployments(entry.environment)).toEqual([]);
});
