import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { GoogleTopic, InfraConfig } from '../../runtime/wire.ts';
import { describePubsub, type TopicWanted } from '../conformance/pubsub.ts';
import { freePort } from '../support/free-port.ts';
import { type PubsubEmulator, pubsubEmulator, startPubsubEmulator } from '../support/pubsub-emulator.ts';
import { publishJob } from './support/journal.ts';
import { killAll, startProcess, until } from './support/process.ts';

let emulator: PubsubEmulator;
let count = 0;

interface Pulled {
  ackId: string;
  message: { data: string; messageId: string; attributes?: Record<string, string>; orderingKey?: string };
}

/** What a target makes of a topic and its subscriptions. */
async function make({ subscriptions: names, attempts, ordered }: TopicWanted) {
  count += 1;
  const [topic, dead] = [`jobs-${count}`, `jobs-${count}-dead`];
  for (const name of [topic, dead]) await emulator.ask('PUT', `topics/${name}`, {});
  const subscriptions: GoogleTopic['subscriptions'] = {};
  for (const name of names) {
    await emulator.ask('PUT', `subscriptions/${topic}-${name}`, {
      topic: `projects/test/topics/${topic}`,
      ackDeadlineSeconds: 10,
      enableMessageOrdering: ordered,
      retryPolicy: { minimumBackoff: '0.02s', maximumBackoff: '0.1s' },
      deadLetterPolicy: {
        deadLetterTopic: `projects/test/topics/${dead}`,
        maxDeliveryAttempts: Math.max(attempts, 5),
      },
    });
    subscriptions[name] = { name: `${topic}-${name}` };
  }
  await emulator.ask('PUT', `subscriptions/${dead}`, { topic: `projects/test/topics/${dead}` });
  const config: InfraConfig = {
    pubsub: [{ type: 'gcp_pubsub', project_id: 'test', topics: { jobs: { name: topic, subscriptions } } }],
  };
  return { config, topic, dead };
}

async function pull(subscription: string): Promise<Pulled[]> {
  const body = { maxMessages: 10, returnImmediately: true };
  const { receivedMessages = [] } = await emulator.ask('POST', `subscriptions/${subscription}:pull`, body);
  return receivedMessages as Pulled[];
}

function jobIn({ data }: Pulled['message']): { id: string } {
  return JSON.parse(Buffer.from(data, 'base64').toString()) as { id: string };
}

describe('topics on Google Cloud Pub/Sub', () => {
  if (!pubsubEmulator) return test.skip('the emulator of Pub/Sub is not there', () => {});
  const env = () => ({ PUBSUB_EMULATOR_HOST: emulator.host });
  beforeAll(async () => {
    emulator = await startPubsubEmulator(pubsubEmulator!);
  }, 60_000);
  afterAll(() => emulator.stop());
  afterEach(killAll);

  describePubsub({
    ordered: true,
    // The emulator gives out the next message when one is refused; Google does not.
    orderedWhenFailing: false,
    make: async (wanted) => {
      const { config, topic, dead } = await make(wanted);
      const given = new Set<string>();
      return {
        config,
        env: env(),
        isEmpty: async (name) => (await pull(`${topic}-${name}`)).length === 0,
        deadLetters: async () => {
          for (const { message } of await pull(dead)) given.add(jobIn(message).id);
          return [...given];
        },
      };
    },
  });

  test('attributes and the ordering key travel beside the body', async () => {
    const { config, topic } = await make({ subscriptions: ['work'], attempts: 5, ordered: true });
    const app = await startProcess('./worker.ts', config, { ...env(), SUBSCRIBE: '', ORDER: 'does' });
    const { id, trace } = await publishJob(app, { id: 'a', does: 'sleep' });
    const [{ message }] = (await until(async () => {
      const found = await pull(`${topic}-work`);
      return found.length > 0 && found;
    })) as [Pulled];
    expect(message).toMatchObject({ messageId: id, orderingKey: 'sleep' });
    expect(message.attributes).toEqual({ does: 'sleep', traceparent: expect.stringContaining(`${trace}`) });
    expect(jobIn(message)).toMatchObject({ id: 'a', does: 'sleep' });
  });

  test('what a process asked for before it ended keeps no message from the next', async () => {
    const { config } = await make({ subscriptions: ['work'], attempts: 5, ordered: false });
    const journal = { ...env(), SUBSCRIBE: 'work', JOURNAL: '/dev/null' };
    const former = await startProcess('./worker.ts', config, journal);
    former.kill('SIGTERM');
    expect(await former.ended).toBe(0);
    const next = await startProcess('./worker.ts', config, journal);
    const { trace } = await publishJob(next, { id: 'after' });
    await next.line((line) => line.message === 'message handled' && line.trace_id === trace);
  });

  test('a subscription that cannot be read is asked again', async () => {
    const { config } = await make({ subscriptions: ['work'], attempts: 5, ordered: false });
    const host = { PUBSUB_EMULATOR_HOST: `127.0.0.1:${await freePort()}` };
    const app = await startProcess('./worker.ts', config, { ...host, SUBSCRIBE: 'work', JOURNAL: '/dev/null' });
    const warned = () => app.lines.filter(({ message }) => message === 'the subscription cannot be read').length;
    await until(() => warned() > 1);
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
  });
});
