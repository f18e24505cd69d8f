import { afterAll, expect, test } from '@jest/globals';
import { directoryWith, fairlead } from './fairlead.ts';
import { kindsApplication } from './kinds.ts';

const app = kindsApplication();
const state = directoryWith();
const run = (args: string[]) => fairlead([...args, '--dir', app.path, '--state-dir', state.path]);

afterAll(async () => {
  for (const name of ['pr-1', 'production']) await run(['destroy', '--env', name, '--yes']);
  app.remove();
  state.remove();
});

async function ask(url: string, options: RequestInit = {}) {
  const response = await fetch(url, options);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

// In a preview each service has its process, and the gateway, too; in production there is one for all.
test.each([
  ['apart', ['preview', '--pr', '1']],
  ['together', ['promote']],
])(
  'authentication, middleware and raw endpoints, deployed %s',
  async (_, command) => {
    const { code, stdout, stderr } = await run([...command, '--json']);
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const { url } = JSON.parse(stdout) as { url: string };
    const as = (user: string): RequestInit => ({ headers: { authorization: `Bearer ${user}` } });

    expect(JSON.parse((await ask(`${url}/greet`)).text)).toEqual({ text: 'Hello stranger' });
    expect(JSON.parse((await ask(`${url}/greet`, as('nobody'))).text)).toEqual({ text: 'Hello stranger' });
    expect(JSON.parse((await ask(`${url}/greet`, { headers: { cookie: 'session=eve' } })).text)).toEqual({
      text: 'Hello eve',
    });

    const order = { method: 'POST', body: '{"item":"tea"}' };
    expect((await ask(`${url}/orders`, order)).status).toBe(401);
    const refused = await ask(`${url}/orders`, { ...order, ...as('nobody') });
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      401,
      { code: 'unauthenticated', message: 'no such user', details: null },
    ]);
    const taken = await ask(`${url}/orders`, { ...order, ...as('ann') });
    expect([taken.status, JSON.parse(taken.text), taken.headers.get('x-served-by')]).toEqual([
      200,
      { user: 'shop/ann', year: 2026, left: 3, by: 'ann' },
      'shop',
    ]);
    expect((await ask(`${url}/stock.take`, { ...order, ...as('ann') })).status).toBe(404);

    const json = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    const web = await ask(`${url}/web/basket`, json);
    expect([web.status, JSON.parse(web.text)]).toEqual([202, { page: 'basket', body: { a: 1 } }]);
    expect(web.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
    expect((await ask(`${url}/somewhere/else`)).text).toBe('page somewhere/else');
  },
  120_000,
);
