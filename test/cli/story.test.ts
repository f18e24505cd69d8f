import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { stopEnvironment } from '../../local/mod.ts';
import { parseEnvironment } from '../../pipeline/mod.ts';
import { directoryWith, fairlead } from './fairlead.ts';
import { greetings, tinyApplication } from './tiny.ts';

const app = tinyApplication();
const state = directoryWith();
const run = (args: string[], input = '') =>
  fairlead([...args, '--dir', app.path, '--state-dir', state.path], { input });

/** Runs a command that must succeed, and returns its document. */
async function json(args: string[], input = '') {
  const { code, stdout, stderr } = await run([...args, '--json'], input);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}

const answer = async (url: string) => ((await (await fetch(`${url}/hello/Ann`)).json()) as { text: string }).text;
const refuses = (url: string) =>
  fetch(url).then(
    () => false,
    () => true,
  );

afterAll(async () => {
  for (const name of ['pr-1', 'production']) await run(['destroy', '--env', name, '--yes']);
  app.remove();
  state.remove();
});

test('from a pull request to production and back, with the commands alone', async () => {
  // Both secrets are missing, and both are named at once.
  const refused = await run(['preview', '--pr', '1']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/error FL4010: .*\bSeal\b[\s\S]*error FL4010: .*\bSignature\b/);
  await json(['secret', 'set', 'Signature', '--type', 'preview,production'], '!');
  await json(['secret', 'set', 'Seal', '--type', 'preview,production'], '\u{1f58b}');

  const preview = await json(['preview', '--pr', '1']);
  expect(preview).toMatchObject({
    kind: 'deployed',
    environment: { name: 'pr-1' },
    comment: expect.stringContaining('mermaid'),
  });
  expect(await answer(preview.url)).toBe(`${greetings.first}, Ann!\u{1f58b}`);
  expect(await json(['preview', '--pr', '1'])).toMatchObject({ kind: 'unchanged', started: [], url: preview.url });

  const promoted = await json(['promote']);
  expect(promoted).toMatchObject({ kind: 'deployed', release: preview.release, provenBy: 'pr-1' });
  expect(await answer(promoted.url)).toBe(`${greetings.first}, Ann!\u{1f58b}`);

  app.say(greetings.second);
  expect((await json(['promote'])).release).not.toBe(promoted.release);
  expect(await answer(promoted.url)).toBe(`${greetings.second}, Ann!\u{1f58b}`);

  const dry = await json(['rollback', '--dry-run']);
  expect(dry).toMatchObject({ kind: 'planned', release: promoted.release });
  expect(await answer(promoted.url)).toBe(`${greetings.second}, Ann!\u{1f58b}`);
  expect(await json(['rollback', '--reason', 'too polite'])).toMatchObject({
    kind: 'rolled-back',
    release: promoted.release,
  });
  expect(await answer(promoted.url)).toBe(`${greetings.first}, Ann!\u{1f58b}`);

  const held = await run(['promote']);
  expect(held).toMatchObject({ code: 3, stdout: expect.stringContaining('too polite') });
  const heldDocument = await run(['promote', '--json']);
  expect({ ...heldDocument, stdout: JSON.parse(heldDocument.stdout) }).toMatchObject({
    code: 3,
    stdout: { kind: 'held' },
  });

  // As after a crash of the machine.
  await stopEnvironment(state.path, parseEnvironment('tiny', 'production'));
  expect((await run(['promote'])).stdout).toContain('fairlead start --env production');
  expect((await run(['status'])).stdout).toContain('fairlead start --env production');
  expect(await json(['start', '--env', 'production'])).toMatchObject({ kind: 'started', release: promoted.release });
  expect(await answer(promoted.url)).toBe(`${greetings.first}, Ann!\u{1f58b}`);
  expect(await json(['start', '--env', 'production'])).toMatchObject({ kind: 'unchanged' });

  expect(await json(['resume'])).toMatchObject({ kind: 'resumed' });
  expect(await json(['resume'])).toMatchObject({ kind: 'not-held' });

  const { environments } = await json(['status']);
  expect(environments).toMatchObject([
    { environment: { name: 'pr-1' }, state: 'running', release: preview.release },
    { environment: { name: 'production' }, state: 'running', release: promoted.release },
  ]);

  expect((await json(['cleanup', '--dry-run'])).previews).toMatchObject([
    { environment: { name: 'pr-1' }, kind: 'kept' },
  ]);
  expect((await json(['cleanup', '--pr', '1', '--dry-run'])).previews).toMatchObject([
    { environment: { name: 'pr-1' }, kind: 'removable' },
  ]);
  const logs = await run(['logs', '--env', 'pr-1', '--process', 'nope']);
  expect(logs).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error FL5012: .*\nhelp: There is \S/) });
  expect((await json(['cleanup', '--pr', '1'])).previews).toMatchObject([
    { environment: { name: 'pr-1' }, kind: 'removed' },
  ]);
  expect(await refuses(preview.url)).toBe(true);
  expect(await run(['destroy', '--env', 'production'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error FL5011: /),
  });
  expect(await json(['destroy', '--env', 'production', '--yes'])).toMatchObject({ left: [] });
  expect(await refuses(promoted.url)).toBe(true);
  expect(await json(['status'])).toMatchObject({ environments: [] });
  const left = join(state.path, 'apps/tiny/environments');
  expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
}, 180_000);
