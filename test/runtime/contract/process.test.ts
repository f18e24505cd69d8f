import { connect } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { defaultGrace } from '../../../runtime/infra/config.ts';
import { type Running, start } from '../../../runtime/internal/start.ts';
import { graphOf, message, text } from '../support/graph.ts';

// What the contract says of a process, from its first request to its end.

const begun = Promise.withResolvers<void>();
const enough = Promise.withResolvers<void>();
let calls = 0;
let app: Running;

beforeAll(async () => {
  Object.assign(process.env, { ENCORE_NOLOG: '1', HOST: '127.0.0.1', PORT: '0' });
  const graph = graphOf({
    web: { endpoints: [{ name: 'slow', path: '/slow', exposed: true, response: message({ a: text }) }] },
  });
  const slow = async () => {
    if (calls++ === 0) begun.resolve();
    else enough.resolve();
    await enough.promise;
    return { a: 'done' };
  };
  const manifest = createManifest(graph, { name: 'app', services: ['web'], gateway: true });
  app = await start({ manifest, handlers: { 'web.slow': slow } });
});

afterAll(() => app.stop());

test('internal routes are not there for the outside', async () => {
  const paths = ['/__encore/authhandler/auth', '/__encore/none', '/__fairlead/call/web/slow', '/__fairlead/auth'];
  const answers = await Promise.all(
    paths.map((path) => fetch(`http://127.0.0.1:${app.port}${path}`, { method: 'POST' })),
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

test('what is under way ends, and health is 503 meanwhile', async () => {
  const socket = connect(app.port, '127.0.0.1');
  const answers = readAll(socket);
  socket.write('POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n');
  await begun.promise;
  const stopped = app.stop();
  await expect(fetch(`http://127.0.0.1:${app.port}/slow`)).rejects.toThrow();
  // On the connection that stays. When the last one is there, so is the question before it, and the first one may end.
  const requests = ['GET /__encore/healthz HTTP/1.1', 'POST /slow HTTP/1.1\r\ncontent-length: 0'];
  socket.write(requests.map((request) => `${request}\r\nhost: a\r\n\r\n`).join(''));
  const [slow, health] = (await answers).split(/(?=HTTP\/1\.1 )/);
  expect(slow).toMatch(/^HTTP\/1\.1 200 .*\{"a":"done"\}/s);
  expect(health).toMatch(/^HTTP\/1\.1 503 .*"code":"shutting_down"/s);
  await stopped;
});

test('a process has five seconds to end, unless its configuration says otherwise', () => {
  expect(defaultGrace).toBe(5);
});
