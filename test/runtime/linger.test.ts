import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { forget, linger } from '../../runtime/http/linger.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('an idle connection keeps no request that it has brought', async () => {
  let seen: WeakRef<IncomingMessage> | undefined;
  const server = createServer(async (incoming, response) => {
    seen = new WeakRef(incoming);
    linger(incoming);
    for await (const _ of incoming);
    response.end();
    forget(incoming);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  try {
    const sent = request({ port: (server.address() as AddressInfo).port, agent, method: 'POST' }).end('a body');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    for (let turn = 0; turn < 50 && seen?.deref(); turn++) {
      await sleep(20);
      collectGarbage();
    }
    expect(seen?.deref()).toBeUndefined();
    expect(Object.values(agent.freeSockets)).toHaveLength(1);
  } finally {
    agent.destroy();
    server.close();
  }
});
