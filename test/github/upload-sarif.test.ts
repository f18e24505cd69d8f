import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { uploadSarif } from '../../github/upload-sarif.ts';
import { type Fixture, fixture } from './fake-forge.ts';

let github: Fixture;
beforeEach(() => {
  github = fixture();
});
afterEach(() => expect(github.fake.violations).toEqual([]));

const log = { version: '2.1.0' as const, runs: [] };
const to = (permissions: Parameters<Fixture['api']>[0], options: Parameters<Fixture['api']>[1] = {}) => ({
  ...{ api: github.api(permissions, options), owner: 'ada', repo: 'shop', ref: 'refs/heads/main' },
  commit: github.repository.branches.get('main')!,
});

test('arrives as it is, with one call', async () => {
  await uploadSarif(log, to({ 'security-events': 'write' }));
  expect(github.repository.sarifs).toMatchObject([
    { ref: 'refs/heads/main', commit: github.repository.branches.get('main'), sarif: JSON.stringify(log) },
  ]);
  expect(github.calls()).toHaveLength(1);
});

test('needs a permission', async () => {
  await expect(uploadSarif(log, to({ contents: 'read' }))).rejects.toThrow(
    'FL6102: GitHub: cannot upload SARIF to ada/shop: the token may not',
  );
});

// The words of https://github.com/github/codeql-action/blob/main/src/api-client.ts and of GitHub's answers.
test.each([
  'Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.',
  'Advanced Security must be enabled for this repository to use code scanning.',
  'Code Security must be enabled for this repository to use code scanning.',
])('says how to enable code scanning: %s', async (message) => {
  const off: typeof fetch = async () =>
    new Response(JSON.stringify({ message }), { status: 403, headers: { 'content-type': 'application/json' } });
  await expect(uploadSarif(log, to({}, { fetch: off }))).rejects.toThrow(
    'FL6110: GitHub: code scanning is off for ada/shop',
  );
});

test('is not sent when it is too large', async () => {
  const text = randomBytes(12 * 1024 * 1024).toString('base64');
  const large = { ...log, runs: [{ tool: { driver: { name: text } } }] };
  await expect(uploadSarif(large, to({ 'security-events': 'write' }))).rejects.toThrow('FL6111');
  expect(github.calls()).toEqual([]);
});
