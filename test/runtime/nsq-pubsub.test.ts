import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { NsqConnection } from '../../runtime/nsq/connection.ts';
import { commands } from '../../runtime/nsq/protocol.ts';
import { deadTopic } from '../../runtime/pubsub/nsq.ts';
import { NsqConsumer } from '../../runtime/pubsub/nsq-consumer.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { describePubsub } from '../conformance/pubsub.ts';
import { freePort } from '../support/free-port.ts';
import { nsqdAbsent, startNsqd, type TestNsqd } from '../support/nsqd.ts';
import { publishJob, readJournal } from './support/journal.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';

/** Takes the messages of a channel away as they come, until the tests end. @returns their bodies so far */
async function collect(host: string, topic: string, channel: string): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  const connection = await NsqConnection.open({
    host,
    onMessage({ id, body }) {
      bodies.push(JSON.parse(body.toString()));
      connection.send(commands.finish(id));
    },
  });
  await connection.ask(commands.subscribe(topic, channel));
  connection.send(commands.ready(10));
  collecting.push(connection);
  return bodies;
}

const collecting: NsqConnection[] = [];

async function take(host: string, topic: string, channel = 'reader'): Promise<Record<string, unknown>[]> {
  const bodies = await collect(host, topic, channel);
  await until(() => bodies.length > 0);
  return bodies;
}

(nsqdAbsent ? describe.skip : describe)(`topics on NSQ${nsqdAbsent ? ` (${nsqdAbsent})` : ''}`, () => {
  let nsqd: TestNsqd;
  let directory: string;
  let journal: string;
  let count = 0;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'fairlead-nsq-'));
    nsqd = await startNsqd();
  });
  afterAll(async () => {
    for (const connection of collecting) connection.destroy();
    await nsqd.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    journal = join(directory, `journal${++count}`);
  });
  afterEach(killAll);

  const name = () => `jobs-${count}`;
  const configOf = (topic: string, names = ['work'], hosts = nsqd.host): InfraConfig => {
    const subscriptions = Object.fromEntries(names.map((one) => [one, { name: `${one}-channel` }]));
    return { pubsub: [{ type: 'nsq', hosts, topics: { jobs: { name: topic, subscriptions } } }] };
  };
  const run = (config: InfraConfig, env: Record<string, string> = {}) =>
    startProcess('./worker.ts', config, { JOURNAL: journal, SUBSCRIBE: 'work', ...env });
  const entries = (what?: string) => readJournal(journal, what);
  const ends = () => new Set(entries('end').map(({ id }) => id));
  const isEmpty = async (topic: string, channel = 'work-channel') => {
    const { waiting, deferred, out } = (await nsqd.channel(topic, channel)) ?? { waiting: 0, deferred: 0, out: 0 };
    return waiting + deferred + out === 0;
  };

  let made = 0;
  describePubsub({
    ordered: false,
    make: async ({ subscriptions }) => {
      const topic = `made-${++made}`;
      const letters = new Map<string, Record<string, unknown>[]>();
      for (const one of subscriptions) {
        letters.set(one, await collect(nsqd.host, deadTopic(topic, `${one}-channel`), 'reader'));
      }
      return {
        config: configOf(topic, subscriptions),
        isEmpty: (one) => isEmpty(topic, `${one}-channel`),
        deadLetters: async (one) => letters.get(one)!.map(({ body }) => (body as { id: string }).id),
      };
    },
  });

  test('the message is in an envelope, and has its attributes there', async () => {
    const app = await run(configOf(name()), { SUBSCRIBE: '', ORDER: 'does' });
    const { id, trace } = await publishJob(app, { id: 'grüße', does: 'sleep' });
    const [envelope] = await take(nsqd.host, name(), 'work-channel');
    expect(envelope).toEqual({
      fairlead: 1,
      id,
      traceparent: expect.stringContaining(String(trace)),
      attributes: { does: 'sleep' },
      body: { id: 'grüße', at: expect.any(String), does: 'sleep' },
    });
    expect(app.lines.map(({ message }) => message)).toContain(
      'NSQ keeps no order: messages of this topic may overtake each other',
    );
  });

  test('what others publish is a message without an envelope', async () => {
    await run(configOf(name()));
    await nsqd.publish(name(), JSON.stringify({ id: 'theirs', at: new Date() }));
    await until(() => ends().has('theirs'));
    expect(entries('end')).toMatchObject([{ id: 'theirs', attempt: 1 }]);
  });

  test('a subscription gets what was published before anybody listened', async () => {
    const config = configOf(name(), ['work', 'audit']);
    const publisher = await run(config, { SUBSCRIBE: '' });
    await publishJob(publisher, { id: 'early' });
    await run(config, { SUBSCRIBE: 'audit' });
    await until(() => entries('audit').length === 1);
    await run(config);
    await until(() => ends().has('early'));
  });

  test('a dead letter is the message as it was, and the log has nothing of what is in it', async () => {
    const app = await run(configOf(name()), { RETRY: '{"minBackoff": 0, "maxRetries": 1}' });
    const { id } = await publishJob(app, { id: 'poison', does: 'fail', times: 99 });
    const line = await app.line(({ message }) => message === 'message became a dead letter');
    const topic = `${name()}.work-channel.dead`;
    expect(line).toMatchObject({ message_id: id, attempts: 2, dead_letters: topic, subscription: 'work' });
    expect(JSON.stringify(line)).not.toContain('poison');
    expect(await take(nsqd.host, topic)).toMatchObject([{ fairlead: 1, id, body: { id: 'poison' } }]);
    await until(() => isEmpty(name()));
  });

  test('a handler may take longer than nsqd waits, up to its deadline', async () => {
    const began: number[] = [];
    const consumer = new NsqConsumer({
      hosts: [nsqd.host],
      topic: name(),
      channel: 'work-channel',
      about: {},
      deadline: 20_000,
      longestTimeout: 1_000,
      concurrency: 2,
      async handle({ attempts }) {
        began.push(attempts);
        await sleep(3_000);
        return 'done';
      },
    });
    await nsqd.publish(name(), 'slow');
    await until(() => began.length > 0);
    await consumer.stop();
    expect(began).toEqual([1]);
    expect(await isEmpty(name())).toBe(true);
  });

  test('messages come from every nsqd, and go to the next where one is not there', async () => {
    const other = await startNsqd();
    try {
      const config = configOf(name(), ['work'], `127.0.0.1:${await freePort()}, ${nsqd.host},${other.host}`);
      const app = await run(config);
      for (let i = 0; i < 4; i++) await publishJob(app, { id: `${i}` });
      const body = (id: string) => JSON.stringify({ id, at: new Date() });
      await Promise.all([nsqd.publish(name(), body('here')), other.publish(name(), body('there'))]);
      await until(() => ends().size === 6);
      expect([...ends()].sort()).toEqual(['0', '1', '2', '3', 'here', 'there']);
    } finally {
      await other.stop();
    }
  });

  test('of one message at a time each of several nsqd has its turn', async () => {
    const others = await Promise.all([startNsqd(), startNsqd()]);
    try {
      const all = [nsqd, ...others];
      await run(configOf(name(), ['work'], all.map(({ host }) => host).join(',')));
      const message = (id: string) => JSON.stringify({ id, at: new Date(), does: 'sleep', times: 20 });
      await Promise.all(all.flatMap((one, i) => [0, 1].map((j) => one.publish(name(), message(`${i}${j}`)))));
      await until(() => ends().size === 6);
      expect(Math.max(...entries('begin').map(({ running }) => running))).toBeLessThanOrEqual(2);
    } finally {
      await Promise.all(others.map((one) => one.stop()));
    }
  });

  test('without an nsqd publishing fails, and a subscription waits for it', async () => {
    const one = await startNsqd();
    try {
      await one.end('SIGTERM');
      const app = await run(configOf(name(), ['work'], one.host));
      const response = await publish(app, 'lost');
      expect([response.status, await response.json()]).toMatchObject([503, { code: 'unavailable' }]);
      expect(app.lines).toContainEqual(expect.objectContaining({ reason: `topic ${name()} cannot be reached` }));
      await one.start();
      await until(async () => (await publish(app, 'a')).ok);
      await until(() => ends().has('a'));
      const said = app.lines.map(({ message }) => message);
      expect(said.filter((text) => text === 'messages cannot be taken from nsqd')).toHaveLength(1);
      expect(said).toContain('messages are taken from nsqd again');
    } finally {
      await one.stop();
    }
  });

  test.each([
    { signal: 'SIGTERM', outcome: 'nothing that it has taken is lost' },
    { signal: 'SIGKILL', outcome: 'what is published and handled goes on' },
  ] as const)('nsqd ends by $signal under load, and starts again: $outcome', async ({ signal }) => {
    const one = await startNsqd();
    try {
      const config = configOf(name(), ['work'], one.host);
      const app = await run(config);
      const taken = new Set<string>();
      let stop = false;
      const load = async (who: number) => {
        for (let i = 0; !stop; i++) {
          const response = await publish(app, `${who}-${i}`);
          if (response.ok) taken.add(`${who}-${i}`);
          else await sleep(10);
        }
      };
      const loads = [0, 1, 2, 3].map(load);
      await until(() => taken.size > 50);
      await one.end(signal);
      const before = taken.size;
      await one.start();
      await until(() => taken.size > before + 50);
      stop = true;
      await Promise.all(loads);
      const wanted = signal === 'SIGTERM' ? [...taken] : [...taken].slice(before);
      await until(() => wanted.every((id) => ends().has(id)));
      await until(async () => {
        const channel = await one.channel(name(), 'work-channel');
        return channel !== undefined && channel.waiting + channel.deferred + channel.out === 0;
      });
    } finally {
      await one.stop();
    }
  });

  test('what nsqd refuses is said in its words', async () => {
    const app = await run(configOf('topic!'));
    await app.line(({ message }) => message === 'messages cannot be taken from nsqd');
    expect(JSON.stringify(app.lines)).toContain('E_BAD_TOPIC');
    expect((await publish(app, 'a')).status).toBe(500);
  });
});

function publish(app: AppProcess, id: string): Promise<Response> {
  return fetch(`${app.url}/jobs`, { method: 'POST', body: JSON.stringify({ id, at: new Date() }) });
}

test('dead letters have a topic of a name that NSQ takes', () => {
  expect(deadTopic('orders', 'mail')).toBe('orders.mail.dead');
  expect(deadTopic('orders#ephemeral', 'mail#ephemeral')).toBe('orders.mail.dead');
  const long = deadTopic('o'.repeat(60), 'mail');
  expect(long).toMatch(/^o+-[0-9a-f]{12}\.dead$/);
  expect(long).toHaveLength(64);
  expect(deadTopic('o'.repeat(60), 'post')).not.toBe(long);
});

test('what answers and is not nsqd is said to be none', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await expect(NsqConnection.open({ host: `127.0.0.1:${port}` })).rejects.toThrow('what answers is not nsqd');
  server.close();
});
