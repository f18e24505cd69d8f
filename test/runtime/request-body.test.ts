import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { readBody } from '../../runtime/http/request.ts';

/** A request whose client has gone, of whose body so much has arrived and nothing was read. */
async function abandoned(arrived: string, length: number): Promise<IncomingMessage> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${arrived}`);
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  const closed = new Promise((resolve) => request.once('close', resolve));
  client.resetAndDestroy();
  await closed;
  server.close();
  return request;
}

test.each([
  ['a part', 'half'],
  ['all', 'half of it'],
  ['nothing', ''],
])('a body of which %s had arrived when the client went is not waited for', async (_, arrived) => {
  const request = await abandoned(arrived, 'half of it'.length);
  const read = Promise.resolve(readBody(request, null)).then(
    () => 'read',
    ({ message }: Error) => message,
  );
  expect(await Promise.race([read, sleep(1000, 'waits')])).toBe('unable to read request body: aborted');
});
