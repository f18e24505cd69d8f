import { once } from 'node:events';
import { chmodSync, cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { compile } from '../analyzer/generate/compile.ts';
import { directoryWith, fairlead, start } from '../cli/fairlead.ts';

const app = directoryWith();
const state = directoryWith();
// For root, PostgreSQL runs as another user.
chmodSync(state.path, 0o755);
const at = ['--dir', app.path, '--state-dir', state.path];
let child: ReturnType<typeof start> | undefined;

afterAll(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  await fairlead(['destroy', '--env', 'local', ...at]);
  app.remove();
  state.remove();
});

async function running(): Promise<string> {
  child = start(['run', '--json', ...at]);
  child.stderr.resume();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { event, url } = JSON.parse(line.value);
    if (event === 'running') return url;
  }
  throw new Error('it ended before it ran');
}

test('the shop of fairlead run is called by the client that is generated from it', async () => {
  cpSync(resolve('examples/shop'), app.path, { recursive: true, filter: (path) => !path.includes('node_modules') });
  symlinkSync(resolve('node_modules'), join(app.path, 'node_modules'));
  await fairlead(['secret', 'set', 'MailApiKey', '--type', 'local', ...at], { input: 'key' });
  const url = await running();
  const file = join(app.path, 'client.ts');
  expect(await fairlead(['gen', 'client', '-o', file, ...at])).toMatchObject({ code: 0 });
  expect(await compile({ 'client.ts': readFileSync(file, 'utf8') }, {})).toBe('');
  const { Client, isAPIError } = await import(pathToFileURL(file).href);
  const client = new Client(url);

  const order = await client.orders.create({ customer: 'ann@example.com', product: 'rope', quantity: 2 });
  expect(order).toMatchObject({ id: expect.any(Number), product: 'rope', createdAt: expect.stringMatching(/^\d{4}-/) });
  expect(await client.orders.get({ id: order.id })).toMatchObject({ id: order.id, quantity: 2, total: order.total });
  const { days } = await client.analytics.daily();
  expect(days).toBeInstanceOf(Array);

  const missing: unknown = await client.orders.get({ id: 404 }).catch((error: unknown) => error);
  expect(isAPIError(missing)).toBe(true);
  expect(missing).toMatchObject({ code: 'not_found', status: 404, message: 'there is no order 404', details: null });
  await expect(client.orders.create({ customer: 'a', product: 'rope', quantity: 0 })).rejects.toMatchObject({
    code: 'invalid_argument',
    status: 400,
  });
  // What is private has no function.
  expect(client.orders.confirm).toBeUndefined();
}, 120_000);
