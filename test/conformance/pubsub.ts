import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type Entry, publishJob, readJournal } from '../runtime/support/journal.ts';
import { type AppProcess, killAll, startProcess, until } from '../runtime/support/process.ts';

/** The topic `jobs` of one backend, new, with the subscriptions that were asked for. */
export interface TopicUnderTest {
  config: InfraConfig;
  /** Variables of the processes that use it. */
  env?: Record<string, string>;
  /** Whether a subscription has no message any more, neither waiting nor with somebody. Absent where nobody can tell. */
  isEmpty?(subscription: string): Promise<boolean>;
  /** The jobs, by their own ids, that a subscription has given up. Absent where they are not kept. */
  deadLetters?(subscription: string): Promise<string[]>;
}

export interface TopicWanted {
  subscriptions: string[];
  /** How often a message is delivered at most. */
  attempts: number;
  /** Whether messages of one ordering key are delivered in their order. */
  ordered: boolean;
}

export interface PubsubUnderTest {
  make(wanted: TopicWanted): Promise<TopicUnderTest>;
  /** Whether there are topics that keep messages of one ordering key in their order. */
  ordered: boolean;
  /** Whether they are also kept when one of them fails and comes again. @default true */
  orderedWhenFailing?: boolean;
  /** The least attempts after which a message is given up. @default 1 */
  fewestAttempts?: number;
}

/** What applications may expect of topics and subscriptions, whatever they are on. Each case runs processes of its own. */
export function describePubsub(underTest: PubsubUnderTest): void {
  const { make, ordered, orderedWhenFailing = true, fewestAttempts = 1 } = underTest;
  let directory: string;
  let journal: string;
  let count = 0;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'fairlead-pubsub-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  beforeEach(() => {
    journal = join(directory, `journal${++count}`);
  });
  afterEach(killAll);

  const topicOf = (wanted: Partial<TopicWanted> = {}) =>
    make({ subscriptions: ['work'], attempts: Math.max(fewestAttempts, 10), ordered: false, ...wanted });
  const run = ({ config, env: given }: TopicUnderTest, env: Record<string, string> = {}): Promise<AppProcess> =>
    startProcess('./worker.ts', config, { ...given, JOURNAL: journal, SUBSCRIBE: 'work', RETRY: retry(9), ...env });
  const retry = (maxRetries: number) => JSON.stringify({ minBackoff: 20, maxBackoff: 100, maxRetries });
  const entries = (what?: string): Entry[] => readJournal(journal, what);
  const ends = () => entries('end').map(({ id }) => id);
  const empty = (topic: TopicUnderTest, name = 'work') => until(async () => (await topic.isEmpty?.(name)) ?? true);

  test('every subscription gets every message, decoded, in the trace of its publisher', async () => {
    const topic = await topicOf({ subscriptions: ['work', 'audit'] });
    const app = await run(topic, { SUBSCRIBE: 'work,audit' });
    const { trace, id } = await publishJob(app, { id: 'grüße \u{1f600}' });
    await until(() => entries().length === 3);
    expect(id).not.toBe('');
    const about = { pid: 0, id: 'grüße \u{1f600}', at: true, attempt: 1, trace };
    expect(entries().map((entry) => ({ ...entry, pid: 0 }))).toEqual(
      expect.arrayContaining([
        { ...about, what: 'begin', running: 1 },
        { ...about, what: 'end', running: 1 },
        { ...about, what: 'audit', running: 0 },
      ]),
    );
    await Promise.all([empty(topic), empty(topic, 'audit')]);
  });

  test('a message that fails is delivered again, and counted, until it is handled', async () => {
    const topic = await topicOf();
    const app = await run(topic);
    await publishJob(app, { id: 'a', does: 'fail', times: 2 });
    await until(() => ends().length === 1);
    expect(entries().map(({ what, attempt }) => `${what} ${attempt}`)).toEqual([
      'begin 1',
      'begin 2',
      'begin 3',
      'end 3',
    ]);
    await empty(topic);
  });

  test('a message that always fails is given up after its last retry, and others pass it', async () => {
    const attempts = Math.max(2, fewestAttempts);
    const topic = await topicOf({ attempts });
    const app = await run(topic, { RETRY: retry(attempts - 1) });
    await publishJob(app, { id: 'poison', does: 'fail', times: 99 });
    await publishJob(app, { id: 'b' });
    await until(() => entries('begin').filter((entry) => entry.id === 'poison').length === attempts);
    await until(() => ends().length === 1);
    const { deadLetters } = topic;
    if (deadLetters) await until(async () => (await deadLetters('work')).includes('poison'));
    expect(entries('begin').filter((entry) => entry.id === 'poison')).toHaveLength(attempts);
    expect(ends()).toEqual(['b']);
  });

  test('no more at once than the subscription says, and all in the end', async () => {
    const topic = await topicOf();
    const app = await run(topic);
    await Promise.all(Array.from({ length: 12 }, (_, i) => publishJob(app, { id: `${i}`, does: 'sleep', times: 50 })));
    await until(() => new Set(ends()).size === 12);
    expect(Math.max(...entries().map(({ running }) => running))).toBe(2);
    await empty(topic);
  });

  test('a message whose process is killed is delivered again to another', async () => {
    const topic = await topicOf();
    const first = await run(topic, { ACK: '2000' });
    await publishJob(first, { id: 'a', does: 'sleep', times: 1500 });
    await until(() => entries('begin').length === 1);
    first.kill('SIGKILL');
    await first.ended;
    expect(ends()).toEqual([]);
    await run(topic, { ACK: '10000' });
    await until(() => ends().length === 1);
    // What the dead had asked for may have been given in vain.
    expect(entries('end')[0]!.attempt).toBeGreaterThan(1);
    await empty(topic);
  });

  test('a message that is not done by its ack deadline is delivered again', async () => {
    const topic = await topicOf();
    const app = await run(topic, { ACK: '1000' });
    await publishJob(app, { id: 'a', does: 'hang' });
    await until(() => entries('begin').some(({ attempt }) => attempt === 2));
  });

  test('a process that is told to end finishes the messages at hand, and leaves the others', async () => {
    const topic = await topicOf();
    const app = await run(topic);
    for (const id of ['a', 'b', 'c', 'd']) await publishJob(app, { id, does: 'sleep', times: 500 });
    await until(() => entries('begin').length === 2);
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
    expect(ends()).toHaveLength(2);
    await run(topic);
    await until(() => ends().length === 4);
    expect([...ends()].sort()).toEqual(['a', 'b', 'c', 'd']);
    await empty(topic);
  });

  if (!ordered) return;
  test('messages of one ordering key come one after the other', async () => {
    const topic = await topicOf({ ordered: true });
    const app = await run(topic, { ORDER: 'does' });
    for (const id of ['1', '2', '3', '4']) await publishJob(app, { id, does: 'sleep', times: 30 });
    await publishJob(app, { id: 'other', does: 'another key, ü and more' });
    await until(() => ends().length === 5);
    const steps = entries().flatMap(({ what, id }) => (id === 'other' ? [] : [`${what} ${id}`]));
    expect(steps).toEqual(['1', '2', '3', '4'].flatMap((id) => [`begin ${id}`, `end ${id}`]));
  });

  if (!orderedWhenFailing) return;
  test('messages of one ordering key wait for one that fails', async () => {
    const topic = await topicOf({ ordered: true });
    const app = await run(topic, { ORDER: 'does' });
    await publishJob(app, { id: '1', does: 'fail', times: 2 });
    await publishJob(app, { id: '2', does: 'fail', times: 0 });
    await publishJob(app, { id: '3' });
    await until(() => ends().length === 3);
    expect(ends().filter((id) => id !== '3')).toEqual(['1', '2']);
    expect(entries('begin').filter(({ id }) => id === '2')).toHaveLength(1);
  });
}
