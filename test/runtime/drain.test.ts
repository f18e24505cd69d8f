import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type AppProcess, killAll, startProcess } from './support/process.ts';

// What connections see of the end of a process that has done its work well before its grace time is over.

afterEach(killAll);

// Shorter than idle connections are kept: what waits for that is cut off.
const run = () => startProcess('./draining.ts', { graceful_shutdown: { total: 4 } });

/** A connection that stays open for as long as the process lets it. */
async function open(
  app: AppProcess,
): Promise<{ socket: Socket; ask(path: string): void; received: Promise<number>; text(): string }> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  await once(socket, 'connect');
  let [bytes, text] = [0, ''];
  socket.on('data', (piece) => {
    bytes += piece.length;
    if (text.length < 1000) text += piece.toString('latin1');
  });
  const received = once(socket, 'close').then(() => bytes);
  return {
    socket,
    ask: (path) => void socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`),
    received,
    text: () => text,
  };
}

const cutOff = ({ lines }: AppProcess) => lines.filter(({ message }) => String(message).includes('cut off'));

test.each(['/slow', '/raw'])('%s in flight: its connection ends with the answer', async (path) => {
  const app = await run();
  const { ask, received, text } = await open(app);
  ask(path);
  await app.line(({ message }) => message === 'began');
  app.kill('SIGTERM');
  await received;
  expect([text().slice(0, 15), await app.ended, cutOff(app)]).toEqual(['HTTP/1.1 200 OK', 0, []]);
});

test.each(['/slow', '/__encore/healthz', '/none'])(
  'a connection that waits for its next request after %s ends at once',
  async (path) => {
    const app = await run();
    const { ask, received, socket } = await open(app);
    ask(path);
    await once(socket, 'data');
    app.kill('SIGTERM');
    await received;
    expect([await app.ended, cutOff(app)]).toEqual([0, []]);
  },
);

test('an answer that is still on its way arrives whole', async () => {
  const app = await run();
  const { ask, received, socket } = await open(app);
  ask('/large');
  await once(socket, 'data');
  socket.pause();
  // Answered, as far as the process is concerned.
  await app.line(({ message, endpoint }) => message === 'request completed' && endpoint === 'large');
  app.kill('SIGTERM');
  await app.line(({ message }) => message === 'shutting down');
  socket.resume();
  expect(await received).toBeGreaterThan(64 * 1024 * 1024);
  expect([await app.ended, cutOff(app)]).toEqual([0, []]);
});
