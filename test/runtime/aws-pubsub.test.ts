import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../runtime/wire.ts';
import { describePubsub } from '../conformance/pubsub.ts';
import { type AwsJudge, awsJudges } from '../support/aws-judges.ts';
import { freePort } from '../support/free-port.ts';
import { publishJob, readJournal } from './support/journal.ts';
import { killAll, spawnProcess, startProcess, until } from './support/process.ts';

let server: AwsJudge;
let sns: SNSClient;
let sqs: SQSClient;
let directory: string;
let journal: string;
let count = 0;

/** What a target makes of a topic and its subscriptions. */
interface Made {
  config: InfraConfig;
  arn: string;
  queues: Record<string, { url: string; dead: string }>;
}

async function make(options: { fifo?: boolean; maxReceiveCount?: number; names?: string[] } = {}): Promise<Made> {
  const { fifo = false, maxReceiveCount = 4, names = ['work', 'audit'] } = options;
  const [end, kind] = fifo ? ['.fifo', { FifoQueue: 'true' }] : ['', {}];
  const topic = new CreateTopicCommand({
    Name: `jobs-${count}${end}`,
    ...(fifo && { Attributes: { FifoTopic: 'true', ContentBasedDeduplication: 'false' } }),
  });
  const arn = (await sns.send(topic)).TopicArn!;
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:SourceArn': arn } },
      },
    ],
  });
  const queues: Made['queues'] = {};
  for (const name of names) {
    const dead = await createQueue(`jobs-${count}-${name}-dead${end}`, kind);
    const redrive = { deadLetterTargetArn: await arnOf(dead), maxReceiveCount };
    const url = await createQueue(`jobs-${count}-${name}${end}`, {
      ...kind,
      Policy: policy,
      RedrivePolicy: JSON.stringify(redrive),
    });
    await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'sqs', Endpoint: await arnOf(url) }));
    queues[name] = { url, dead };
  }
  const subscriptions = Object.fromEntries(Object.entries(queues).map(([name, { url }]) => [name, { url }]));
  return { config: { pubsub: [{ type: 'aws_sns_sqs', topics: { jobs: { arn, subscriptions } } }] }, arn, queues };
}

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  return (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
}

async function arnOf(QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes!.QueueArn!;
}

/** Messages that are there, and those that are with someone or wait for their time. */
async function depth(QueueUrl: string): Promise<[number, number]> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return [Number(Attributes.ApproximateNumberOfMessages), Number(Attributes.ApproximateNumberOfMessagesNotVisible)];
}

/** The jobs that a queue gives out now. */
async function idsIn(QueueUrl: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body = '{}' }) => JSON.parse(JSON.parse(Body).Message).id as string);
}

const empty = (url: string) => until(async () => (await depth(url)).every((number) => number === 0));

describe.each(awsJudges)('with $name, topics on SNS and SQS', ({ absent, start }) => {
  if (absent) return test.skip('moto is not there', () => {});
  beforeAll(async () => {
    server = await start();
    const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID!, secretAccessKey: AWS_SECRET_ACCESS_KEY! };
    const options = { region: AWS_REGION!, endpoint: server.endpoint, credentials };
    sns = new SNSClient(options);
    sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
    directory = mkdtempSync(join(tmpdir(), 'fairlead-aws-pubsub-'));
  });
  afterAll(async () => {
    sns.destroy();
    sqs.destroy();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    journal = join(directory, `journal${++count}`);
  });
  afterEach(killAll);

  const run = ({ config }: Pick<Made, 'config'>, env: Record<string, string> = {}) =>
    startProcess('./worker.ts', config, { ...server.env, JOURNAL: journal, ...env });

  const entries = (what?: string) => readJournal(journal, what);

  describePubsub({
    ordered: false,
    make: async ({ subscriptions, attempts, ordered }) => {
      count += 1;
      const { config, queues } = await make({ fifo: ordered, maxReceiveCount: attempts, names: subscriptions });
      return {
        config,
        env: server.env,
        isEmpty: async (name) => (await depth(queues[name]!.url)).every((number) => number === 0),
        deadLetters: (name) => idsIn(queues[name]!.dead),
      };
    },
  });

  test('attributes travel beside the body, and characters that are none of XML within it', async () => {
    const made = await make({ names: ['work'] });
    const app = await run(made, { SUBSCRIBE: '', ORDER: 'does' });
    const { id, trace } = await publishJob(app, { id: '\ufffe\u0001😀', does: 'sleep' });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: made.queues.work!.url }));
    const envelope = JSON.parse(Messages[0]!.Body!);
    expect(envelope).toMatchObject({ Type: 'Notification', MessageId: id, TopicArn: made.arn });
    expect(JSON.parse(envelope.Message)).toMatchObject({ id: '\ufffe\u0001😀' });
    expect(envelope.Message).not.toMatch(/[\ufffe]/);
    expect(envelope.MessageAttributes).toEqual({
      does: { Type: 'String', Value: 'sleep' },
      traceparent: { Type: 'String', Value: expect.stringContaining(`${trace}`) },
    });
  });

  test('a message that fails is delivered again, later each time', async () => {
    const made = await make();
    const app = await run(made, { SUBSCRIBE: 'work', RETRY: '{"minBackoff": 1000, "maxBackoff": 2000}' });
    const started = Date.now();
    await publishJob(app, { id: 'a', does: 'fail', times: 2 });
    await until(() => entries('end').length === 1);
    expect(Date.now() - started).toBeGreaterThanOrEqual(2_900);
    expect(entries('begin').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    await empty(made.queues.work!.url);
  });

  test('a poison message reaches the dead letters at once after its last retry, and others pass it', async () => {
    const made = await make({ maxReceiveCount: 2 });
    const app = await run(made, { SUBSCRIBE: 'work', RETRY: '{"minBackoff": 0, "maxRetries": 1}' });
    const { id } = await publishJob(app, { id: 'poison', does: 'fail', times: 99 });
    await publishJob(app, { id: 'b' });
    const { message } = await app.line((line) => line.message_id === id && line.attempts === 2);
    expect(message).toBe('message became a dead letter');
    const { url, dead } = made.queues.work!;
    const { Messages = [] } = await until(async () => {
      const found = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead }));
      return found.Messages?.length ? found : undefined;
    });
    expect(JSON.parse(Messages[0]!.Body!).MessageId).toBe(id);
    expect(entries('begin').filter((entry) => entry.id === 'poison')).toHaveLength(2);
    expect(entries('end')).toMatchObject([{ id: 'b' }]);
    await empty(url);
  });

  test.each([
    ['has no envelope', '{"id": "a"}'],
    ['is no JSON', 'hello'],
  ])('what %s becomes a dead letter', async (_, MessageBody) => {
    const made = await make({ names: ['work'], maxReceiveCount: 1 });
    const { url, dead } = made.queues.work!;
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    const app = await run(made, { SUBSCRIBE: 'work', RETRY: '{"minBackoff": 0, "maxRetries": 0}' });
    await app.line((line) => line.error === 'the message in the queue has no envelope of SNS');
    await until(async () => (await depth(dead))[0] === 1);
    expect(entries()).toEqual([]);
  });

  test('a message that does not fit its type fails like any other', async () => {
    const made = await make({ names: ['work'], maxReceiveCount: 1 });
    await sns.send(new PublishCommand({ TopicArn: made.arn, Message: '{"id": 1}' }));
    await run(made, { SUBSCRIBE: 'work', RETRY: '{"minBackoff": 0, "maxRetries": 0}' });
    await until(async () => (await depth(made.queues.work!.dead))[0] === 1);
    expect(entries()).toEqual([]);
  });

  test('of consumers that are killed again and again, none loses a message', async () => {
    const made = await make({ names: ['work'], maxReceiveCount: 50 });
    const env = { SUBSCRIBE: 'work', ACK: '1000', RETRY: '{"minBackoff": 0, "maxRetries": 49}' };
    const publisher = await run(made, { SUBSCRIBE: '' });
    const ids = Array.from({ length: 40 }, (_, index) => `${index}`);
    await Promise.all(ids.map((id) => publishJob(publisher, { id, does: 'sleep', times: 60 })));
    for (let round = 0; round < 6; round++) {
      const consumer = await run(made, env);
      await sleep(200 + round * 50);
      consumer.kill('SIGKILL');
      await consumer.ended;
    }
    await run(made, env);
    await until(() => new Set(entries('end').map(({ id }) => id)).size === ids.length);
    expect(new Set(entries('end').map(({ pid }) => pid)).size).toBeGreaterThan(1);
    await empty(made.queues.work!.url);
  });

  test('a process that is told to end finishes the message at hand, and takes no other', async () => {
    const made = await make({ names: ['work'] });
    const app = await run(made, { SUBSCRIBE: 'work' });
    await publishJob(app, { id: 'a', does: 'sleep', times: 500 });
    await until(() => entries('begin').length === 1);
    const started = Date.now();
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(entries('end')).toMatchObject([{ id: 'a', attempt: 1 }]);
    expect(await depth(made.queues.work!.url)).toEqual([0, 0]);
  });

  test('what a process asked for before it ended keeps no message from the next', async () => {
    const made = await make({ names: ['work'] });
    const former = await run(made, { SUBSCRIBE: 'work' });
    await publishJob(former, { id: 'before' });
    await until(() => entries('end').length === 1);
    former.kill('SIGTERM');
    expect(await former.ended).toBe(0);
    const next = await run(made, { SUBSCRIBE: 'work' });
    const published = Date.now();
    await publishJob(next, { id: 'after' });
    await until(() => entries('end').length === 2);
    expect(Date.now() - published).toBeLessThan(5_000);
  });

  test('messages of one ordering key come one after the other', async () => {
    const made = await make({ fifo: true, names: ['work'] });
    const app = await run(made, { SUBSCRIBE: 'work', ORDER: 'does', RETRY: '{"minBackoff": 1000}' });
    await publishJob(app, { id: '1', does: 'fail', times: 1 });
    await publishJob(app, { id: '2', does: 'fail', times: 0 });
    await publishJob(app, { id: '3', does: 'a key with blanks, ü and more' });
    const ends = () => entries('end').flatMap(({ id }) => (id === '3' ? [] : [id]));
    for (let round = 0; ends().filter((id) => id !== 'other').length < 2 && round < 40; round++) {
      // Moto looks once a poll which keys are free; whatever comes in ends the poll.
      await publishJob(app, { id: 'other', does: `other key ${round}` });
      await sleep(200);
    }
    expect(ends().filter((id) => id !== 'other')).toEqual(['1', '2']);
    expect(entries('end').map(({ id }) => id)).toContain('3');
    expect(entries('begin').map(({ id, attempt }) => `${id}/${attempt}`)).not.toContain('2/2');
  });

  test('a topic that delivers exactly once has a group of its own for each publisher', async () => {
    const made = await make({ fifo: true, names: ['work'] });
    const app = await run(made, { SUBSCRIBE: '' });
    await publishJob(app, { id: '1' });
    await publishJob(app, { id: '1' });
    const groups: string[] = [];
    await until(async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: made.queues.work!.url,
          MessageSystemAttributeNames: ['All'],
          MaxNumberOfMessages: 10,
        }),
      );
      groups.push(...Messages.map(({ Attributes }) => Attributes!.MessageGroupId!));
      return groups.length === 2;
    });
    expect(groups).toEqual([expect.stringMatching(/^inst_[0-9a-f-]{36}$/), groups[0]]);
  });

  test('a queue that cannot be read is asked again', async () => {
    const made = await make({ names: ['work'] });
    const port = await freePort();
    const app = await run(made, { SUBSCRIBE: 'work', AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
    await app.line(({ message }) => message === 'the queue cannot be read');
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const late = createServer((_, response) => [resolve(), response.writeHead(500).end()]).listen(port, '127.0.0.1');
    await asked;
    late.closeAllConnections();
    late.close();
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
  });

  test('cron jobs run when their wakes come in, once, whatever becomes of them', async () => {
    const url = await createQueue(`cron-${count}`);
    const wake = (cron_job: string, run: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify({ cron_job, run }) }));
    await wake('tidy job', 'one');
    await wake('broken job', 'two');
    await wake('no job', 'three');
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'nonsense' }));
    const config: InfraConfig = { fairlead: { version: 1, cron: { type: 'aws_sqs', url } } };
    const app = await startProcess('./services.ts', config, server.env);
    const ended = () => app.lines.filter(({ event }) => event === 'cron job ended');
    await until(() => ended().length === 3);
    expect(ended().map(({ cron_job, run, status }) => ({ cron_job, run, status }))).toEqual(
      expect.arrayContaining([
        { cron_job: 'tidy job', run: 'one', status: 200 },
        { cron_job: 'broken job', run: 'two', status: 404 },
        { cron_job: 'no job', run: 'three', status: 404 },
      ]),
    );
    expect(app.lines.filter(({ message }) => message === 'tidied')).toHaveLength(1);
    await app.line(({ message }) => message === 'the cron job broken job failed: nothing to tidy');
    await app.line(({ message }) => message === 'a message that wakes no cron job was dropped');
    await empty(url);
  });

  test('how a run ended is told whatever else the log leaves out', async () => {
    const url = await createQueue(`cron-${count}`);
    const MessageBody = JSON.stringify({ cron_job: 'tidy job', run: 'one' });
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    const config: InfraConfig = { fairlead: { version: 1, cron: { type: 'aws_sqs', url } } };
    const app = spawnProcess('./services.ts', config, { ...server.env, ENCORE_NOLOG: '1' });
    await until(() => app.lines.length > 0);
    expect(app.lines).toMatchObject([
      {
        event: 'cron job ended',
        cron_job: 'tidy job',
        run: 'one',
        status: 200,
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
  });
});
