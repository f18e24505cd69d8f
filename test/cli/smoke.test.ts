import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { directoryWith, fairlead } from './fairlead.ts';
import { greetings, tinyApplication } from './tiny.ts';

const app = tinyApplication();
const state = directoryWith();
const run = (args: string[], input = '') =>
  fairlead([...args, '--dir', app.path, '--state-dir', state.path], { input });

afterAll(async () => {
  await run(['destroy', '--env', 'production', '--yes']);
  app.remove();
  state.remove();
});

test('a promotion whose smoke test fails brings the former release back', async () => {
  for (const name of ['Signature', 'Seal']) await run(['secret', 'set', name, '--type', 'production'], '!');
  const hello = { path: '/hello/Ann', contains: greetings.first };
  const isLocal = 'case $FAIRLEAD_URL in http://localhost:*) ;; *) exit 1;; esac';
  smoke({ urls: [hello, { path: '/nothing', status: 404 }], command: isLocal });
  const first = await run(['promote', '--json']);
  expect(first).toMatchObject({ code: 0 });
  const { url } = JSON.parse(first.stdout) as { url: string };

  app.say(greetings.second);
  const refused = await run(['promote']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /error FL3018: the smoke test of production failed; [0-9a-f]{12} answers again\n\s+- GET \/hello\/Ann answered 200 without "Hello": ".*Good day/,
  );
  expect(await answer(url)).toContain(greetings.first);

  smoke({ urls: [{ path: '/hello/Ann', contains: greetings.second }], command: 'echo out of luck; exit 3' });
  const unlucky = await run(['promote']);
  expect(unlucky.code).toBe(1);
  expect(unlucky.stderr).toMatch(/`echo out of luck; exit 3`: it ended with 3\n\s+out of luck/);
  expect(await answer(url)).toContain(greetings.first);

  smoke({ urls: [{ path: '/hello/Ann', contains: greetings.second }] });
  expect(await run(['promote'])).toMatchObject({ code: 0 });
  expect(await answer(url)).toContain(greetings.second);
}, 300_000);

function smoke(test: object): void {
  const config = { environments: { production: { smoke: { timeout: '2s', ...test } } } };
  writeFileSync(join(app.path, 'fairlead.json'), JSON.stringify(config));
}

async function answer(url: string): Promise<string> {
  return (await fetch(`${url}/hello/Ann`)).text();
}
