import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AppProcess } from '../../local/supervisor/app-process.ts';
import { Door } from '../../local/supervisor/door.ts';
import { killAll, startProcess } from '../runtime/support/process.ts';

let door: Door;

beforeAll(async () => {
  const app = await startProcess('./services.ts', { fairlead: { version: 1 } });
  door = new Door(() => {});
  door.behind = { state: 'running', port: Number(new URL(app.url).port), inFlight: 0 } as AppProcess;
  await door.open(0);
});

afterAll(async () => {
  door.close();
  await killAll();
});

describe('the answer to a body over the limit reaches a client that writes all it has before it reads', () => {
  const chunk = Buffer.alloc(1024 * 1024, 'a');
  const ways = {
    'of known length': { header: `content-length: ${12 * chunk.length}`, before: '', after: '', end: '' },
    'in chunks': { header: 'transfer-encoding: chunked', before: '100000\r\n', after: '\r\n', end: '0\r\n\r\n' },
  };
  const refused = /^HTTP\/1\.1 400 Bad Request\r\n(.+\r\n)+\r\n.+length limit exceeded/;

  const send = async (way: keyof typeof ways, connection: string): Promise<Socket> => {
    const { header, before, after, end } = ways[way];
    const socket = connect(door.port, '127.0.0.1');
    const write = promisify<string | Buffer, void>(socket.write).bind(socket);
    await write(`POST /divide HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\n${header}\r\n\r\n`);
    for (let sent = 0; sent < 12; sent++) await write(Buffer.concat([Buffer.from(before), chunk, Buffer.from(after)]));
    await write(end);
    return socket;
  };

  describe.each(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
    test('and then asks again', async () => {
      const socket = await send(way, 'keep-alive');
      expect(String(await once(socket, 'data'))).toMatch(refused);
      socket.write('GET /__encore/healthz HTTP/1.1\r\nhost: x\r\n\r\n');
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK/);
      socket.destroy();
    });

    test('and wants no more', async () => {
      expect(await text(await send(way, 'close'))).toMatch(refused);
    });
  });
});
