import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fairlead } from './fairlead.ts';
import { tinyApplication } from './tiny.ts';

const app = tinyApplication();
afterAll(app.remove);
const explain = (...args: string[]) => fairlead(['-C', app.path, '--quiet', 'explain', ...args]);

test('what a service may touch with the lines that cause it, and who calls it', async () => {
  expect(await explain('greeter')).toEqual({
    code: 0,
    stderr: '',
    stdout: `greeter greeter/greeter.ts:8:22

Exposes
  GET  /greet/:name  greet  private  greeter/greeter.ts:8:22

Called by
  door  greet  door/door.ts:6:10

May
  secret Seal
    read
      greeter/greeter.ts:9:51
        9 | return { text: 'Hello, ' + name + signature() + seal() };
  secret Signature
    read
      greeter/greeter.ts:9:37
        9 | return { text: 'Hello, ' + name + signature() + seal() };
`,
  });
});

test('one resource alone', async () => {
  const { code, stdout } = await explain('greeter', 'Seal');
  expect(code).toBe(0);
  expect(stdout).toContain('secret Seal');
  expect(stdout).not.toMatch(/secret Signature|Called by/);
  expect((await explain('greeter', 'secret:Seal')).stdout).toBe(stdout);
  expect((await explain('door', 'greeter.greet')).stdout).toContain('return greeter.greet({ name });');
});

test('of a long line the part that matters, and no control characters', async () => {
  const file = join(app.path, 'door/long.ts');
  const before = `/* \u001b]0;owned\u0007 ${'x'.repeat(300)} */`;
  writeFileSync(
    file,
    `import { api } from 'encore.dev/api';
import { greeter } from '~encore/clients';
export const long = api({ path: '/long' }, async (): Promise<void> => { ${before} await greeter.greet({ name: 'a' }); ${before} });
`,
  );
  const { stdout } = await explain('door', 'greet');
  expect(stdout).toMatch(/^ +3 \| …x+ \*\/ await greeter\.greet\(\{ name: 'a' \}\); .*…$/m);
  expect(stdout).not.toContain('\u001b');
  rmSync(file);
});

test('as JSON, each cause has its place and its line', async () => {
  const { stdout } = await explain('door', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    service: 'door',
    public: true,
    endpoints: [{ name: 'hello', path: '/hello/:name' }],
    callers: [],
    permissions: [
      {
        resource: { kind: 'endpoint', service: 'greeter', name: 'greet' },
        operations: [
          {
            operation: 'call',
            causes: [{ position: { file: 'door/door.ts', line: 6 }, source: 'return greeter.greet({ name });' }],
          },
        ],
      },
    ],
  });
});

test.each([
  [['greter'], 'error FL5014: tiny has no service greter\nhelp: Did you mean `greeter`? There is door, greeter.\n'],
  [
    ['greeter', 'Seel'],
    'error FL5018: greeter has nothing to do with Seel\nhelp: Did you mean `Seal`? It uses Seal, Signature.\n',
  ],
  [['door', 'Seal'], 'error FL5018: door has nothing to do with Seal\nhelp: It uses greeter.greet.\n'],
])('%j is named with what was meant', async (args, stderr) => {
  expect(await explain(...args)).toEqual({ code: 1, stdout: '', stderr });
});
