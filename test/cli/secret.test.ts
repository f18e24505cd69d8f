import { afterAll, expect, test } from '@jest/globals';
import { directoryWith, fairlead } from './fairlead.ts';

const app = directoryWith({ 'package.json': '{"name":"tiny"}' });
const state = directoryWith();
afterAll(() => {
  app.remove();
  state.remove();
});

const secret = (args: string[], input = '') =>
  fairlead(['secret', ...args, '--dir', app.path, '--json'], { input, env: { FAIRLEAD_STATE_DIR: state.path } });

test('a secret is set from standard input, listed without its value, and removed per scope', async () => {
  const value = 'sk_live_do_not_show';
  const set = await secret(['set', 'StripeKey', '--type', 'preview, production'], `${value}\n`);
  expect(set.code).toBe(0);
  expect(JSON.parse(set.stdout)).toEqual({ name: 'StripeKey', scopes: [{ type: 'preview' }, { type: 'production' }] });
  await secret(['set', 'StripeKey', '--env', 'pr-1'], value);

  const removed = await secret(['remove', 'StripeKey', '--type', 'production']);
  expect(removed.code).toBe(0);
  const again = await secret(['remove', 'StripeKey', '--type', 'production']);
  expect({ code: again.code, ...JSON.parse(again.stdout) }).toEqual({ code: 0, name: 'StripeKey', scopes: [] });

  const listed = await secret(['list']);
  expect(JSON.parse(listed.stdout)).toEqual({
    application: 'tiny',
    secrets: [
      { name: 'StripeKey', scopes: [{ type: 'preview' }, { environment: 'pr-1' }], updated: expect.any(String) },
    ],
  });
  expect([set, listed].map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain(value);
});

test.each([
  ["secret('Used')", 'Used', false],
  ["secret('Used')", 'Usd', true],
])('with %s in the sources, setting %s warns: %j', async (source, name, warns) => {
  const used = directoryWith({ 'package.json': '{"name":"used"}', 'a/a.ts': source, 'node_modules/b/b.ts': "'Usd'" });
  const { code, stderr } = await fairlead(['secret', 'set', name, '--type', 'local', '--dir', used.path], {
    input: 'value',
    env: { FAIRLEAD_STATE_DIR: state.path },
  });
  used.remove();
  expect(code).toBe(0);
  expect(stderr.includes(`names ${name} yet`)).toBe(warns);
});
