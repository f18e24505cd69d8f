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

  const listed = await secret(['list']);
  expect(JSON.parse(listed.stdout)).toEqual({
    application: 'tiny',
    secrets: [
      { name: 'StripeKey', scopes: [{ type: 'preview' }, { environment: 'pr-1' }], updated: expect.any(String) },
    ],
  });
  expect([set, listed].map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain(value);
});
