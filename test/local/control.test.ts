import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort, keptPorts } from '../../local/free-port.ts';
import { deploy, SupervisorLost } from '../../local/supervisor/client.ts';
import { createControl } from '../../local/supervisor/control.ts';
import type { DeployEvent, DeployRequest } from '../../local/supervisor/protocol.ts';
import { Supervisor } from '../../local/supervisor/supervisor.ts';
import { get } from '../conformance/tiny-app.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-control-'));
});
afterAll(() => rmSync(root, { recursive: true }));

async function requestOf(main: string): Promise<DeployRequest> {
  writeFileSync(join(root, 'main.mjs'), main);
  return {
    release: 'one',
    front: await freePort(root, keptPorts),
    healthTimeout: 5_000,
    processes: [{ name: 'app', directory: root, gateway: true, config: {}, env: {}, fingerprint: main }],
    cronJobs: [],
    internalKey: '',
  };
}

test('a supervisor whose first deployment is refused ends, also when nobody waits for the answer', async () => {
  const supervisor = new Supervisor(join(root, 'environment'));
  const ended = Promise.withResolvers<void>();
  const control = createControl(supervisor, 'token', ended.resolve).listen(0, '127.0.0.1');
  await once(control, 'listening');
  const asked = request({
    ...{ host: '127.0.0.1', port: (control.address() as AddressInfo).port, method: 'POST', path: '/deploy' },
    headers: { authorization: 'Bearer token' },
  });
  asked.on('error', () => {});
  const closed = once(control, 'connection').then(([socket]) => once(socket, 'close'));
  const release = join(root, 'release');
  const wanted = await requestOf(
    `import { existsSync } from 'node:fs';
setInterval(() => existsSync(${JSON.stringify(release)}) && process.exit(1), 10);`,
  );
  asked.end(JSON.stringify(wanted));
  await once(control, 'request');
  asked.destroy();
  await closed;
  writeFileSync(release, '');
  await ended.promise;
  control.close();
});

test('a connection that breaks in the middle of a deployment is told, and ends nobody', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const line = `${JSON.stringify({ event: 'switched' })}\n`;
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${line.length.toString(16)}\r\n${line}\r\n`);
    });
    server.once('break', () => socket.resetAndDestroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const told: DeployEvent[] = [];
  const handle = { version: 1, pid: process.pid, port, token: 'token' };
  const deploying = deploy({ identity: { pid: process.pid, started: '' }, handle }, await requestOf(''), (event) => {
    told.push(event);
    server.emit('break');
  });
  await expect(deploying).rejects.toThrow(SupervisorLost);
  expect(told).toEqual([{ event: 'switched' }]);
  server.close();
});

test('what a process has said is told, whatever it is', async () => {
  const supervisor = new Supervisor(join(root, 'environment'));
  const control = createControl(supervisor, 'token', () => {}).listen(0, '127.0.0.1');
  await once(control, 'listening');
  const handle = { version: 1, pid: process.pid, port: (control.address() as AddressInfo).port, token: 'token' };
  const wanted = await requestOf("console.log('one\\u2028two\\u2029three \u{1F600}'); process.exit(1);");
  const last = await deploy({ identity: { pid: process.pid, started: '' }, handle }, wanted, () => {});
  expect(last).toMatchObject({ event: 'unhealthy', process: 'app' });
  expect(JSON.stringify(last)).toContain('one\u2028two\u2029three \u{1F600}');
  control.close();
});

test('a process that loses its port to another program gets another one', async () => {
  const supervisor = new Supervisor(join(root, 'environment'));
  // The first time another program is quicker by a moment.
  const wanted = await requestOf(`import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const answer = () => createServer((_, response) => response.end('"here"'));
const server = answer();
if (existsSync(${JSON.stringify(join(root, 'lost'))})) server.listen(process.env.PORT, '127.0.0.1');
else {
  writeFileSync(${JSON.stringify(join(root, 'lost'))}, '');
  const thief = createServer((_, response) => response.writeHead(503).end());
  thief.listen(process.env.PORT, '127.0.0.1', () => server.listen(process.env.PORT, '127.0.0.1'));
}`);
  const events: DeployEvent[] = [];
  await supervisor.deploy(wanted, (event) => void events.push(event));
  expect(events.at(-1)).toMatchObject({ event: 'done', started: ['app'] });
  expect(await get(`http://127.0.0.1:${wanted.front}`, '/')).toBe('here');
  await supervisor.stop();
});
