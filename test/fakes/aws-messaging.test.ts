import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { moto, startMoto } from '../support/moto.ts';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import type { Sns } from './aws/services/sns/sns.ts';

interface Place {
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Lets virtual time pass, or real time. */
  pass(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

async function ours(): Promise<Place & { aws: FakeAws }> {
  const aws = await makeFakeAws({ clock: 'manual' });
  const credentials = { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! };
  return {
    aws,
    endpoint: aws.url,
    credentials,
    pass: (time) => aws.world.clock.advance(time),
    stop: () => aws.dispose(),
  };
}

async function theirs(): Promise<Place> {
  const { endpoint, stop } = await startMoto(moto!);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint, credentials, stop, pass: (time) => new Promise((resolve) => setTimeout(resolve, time)) };
}

const places: [string, (() => Promise<Place>) | undefined][] = [
  ['the fake', ours],
  ['moto', moto ? theirs : undefined],
];

for (const [name, make] of places) {
  const run = make ? describe : describe.skip;
  run(`topics and queues of ${name}`, () => {
    let place: Place;
    let sqs: SQSClient;
    let sns: SNSClient;
    beforeAll(async () => {
      place = await make!();
      const { endpoint, credentials } = place;
      sqs = new SQSClient({ endpoint, credentials, region: 'eu-central-1' });
      sns = new SNSClient({ endpoint, credentials, region: 'eu-central-1' });
    });
    afterAll(() => place?.stop());

    const made = async (QueueName: string, Attributes: Record<string, string> = {}) => {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
      const told = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      return { QueueUrl: QueueUrl!, arn: told.Attributes!.QueueArn! };
    };
    const open = (QueueUrl: string, queue: string, topic: string) =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policy(queue, topic) } }));
    const receive = async (QueueUrl: string, WaitTimeSeconds = 0) =>
      (
        await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds,
            MessageSystemAttributeNames: ['All'],
            MessageAttributeNames: ['All'],
          }),
        )
      ).Messages ?? [];

    test('a topic reaches every queue that subscribed, with its envelope or raw', async () => {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'orders' }));
      const [first, second] = [await made('first'), await made('second')];
      for (const queue of [first, second]) await open(queue.QueueUrl, queue.arn, TopicArn!);
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: first.arn }));
      const Attributes = { RawMessageDelivery: 'true' };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: second.arn, Attributes }));
      const MessageAttributes = { kind: { DataType: 'String', StringValue: 'new' } };
      const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Message: '{"order":1}', MessageAttributes }));
      const [wrapped] = await receive(first.QueueUrl, 1);
      expect(JSON.parse(wrapped!.Body!)).toMatchObject({
        Type: 'Notification',
        MessageId,
        TopicArn,
        Message: '{"order":1}',
        MessageAttributes: { kind: { Type: 'String', Value: 'new' } },
      });
      const [raw] = await receive(second.QueueUrl, 1);
      expect(raw).toMatchObject({ Body: '{"order":1}', MessageAttributes: { kind: { StringValue: 'new' } } });
    });

    test('a filter lets through what it names', async () => {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'filtered' }));
      const queue = await made('filtered');
      await open(queue.QueueUrl, queue.arn, TopicArn!);
      const Attributes = { RawMessageDelivery: 'true', FilterPolicy: '{"kind":["a"]}' };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes }));
      for (const kind of ['b', 'a']) {
        const MessageAttributes = { kind: { DataType: 'String', StringValue: kind } };
        await sns.send(new PublishCommand({ TopicArn, Message: kind, MessageAttributes }));
      }
      expect((await receive(queue.QueueUrl)).map(({ Body }) => Body)).toEqual(['a']);
    });

    test('what is received too often goes to the dead letters', async () => {
      const dead = await made('dead');
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
      const queue = await made('live', { RedrivePolicy, VisibilityTimeout: '1' });
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.QueueUrl, MessageBody: 'poison' }));
      for (const count of ['1', '2']) {
        const [message] = await receive(queue.QueueUrl);
        expect(message!.Attributes!.ApproximateReceiveCount).toBe(count);
        expect(await receive(queue.QueueUrl)).toEqual([]);
        await place.pass(1100);
      }
      expect(await receive(queue.QueueUrl)).toEqual([]);
      const { queueUrls } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }));
      expect(queueUrls).toEqual([queue.QueueUrl]);
      expect((await receive(dead.QueueUrl)).map(({ Body }) => Body)).toEqual(['poison']);
    });

    test('a message is hidden while somebody has it, and gone when it was deleted', async () => {
      const { QueueUrl } = await made('hidden');
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
      const [message] = await receive(QueueUrl);
      expect(await receive(QueueUrl)).toEqual([]);
      const { ReceiptHandle } = message!;
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      const [again] = await receive(QueueUrl);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again!.ReceiptHandle }));
      await place.pass(100);
      expect(await receive(QueueUrl)).toEqual([]);
    });

    test('a FIFO queue takes one message once, and keeps a group in order', async () => {
      const { QueueUrl } = await made('order.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
      const bodies = ['a', 'a', 'b'];
      const Entries = bodies.map((MessageBody, Id) => ({ Id: String(Id), MessageBody, MessageGroupId: 'g' }));
      const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      expect(sent.Successful!.length).toBe(3);
      const taken = await receive(QueueUrl);
      expect(taken.map(({ Body }) => Body)).toEqual(['a', 'b']);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'c', MessageGroupId: 'g' }));
      expect(await receive(QueueUrl)).toEqual([]);
    });

    test('a queue that nobody made is not there, by the name the SDK knows', async () => {
      const QueueUrl = `${place.endpoint}/123456789012/nobody`;
      await expect(receive(QueueUrl)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    });
  });
}

describe('what moto does not know', () => {
  let place: Awaited<ReturnType<typeof ours>>;
  let sqs: SQSClient;
  let sns: SNSClient;
  beforeAll(async () => {
    place = await ours();
    const { endpoint, credentials } = place;
    sqs = new SQSClient({ endpoint, credentials, region: 'eu-central-1' });
    sns = new SNSClient({ endpoint, credentials, region: 'eu-central-1' });
  });
  afterAll(() => place.stop());

  test('a topic gets nothing into a queue whose policy names another', async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'stranger' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'closed' }));
    const queue = 'arn:aws:sqs:eu-central-1:123456789012:closed';
    const Attributes = { Policy: policy(queue, `${TopicArn}-of-somebody-else`) };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toBeUndefined();
    expect(place.aws.world.service<Sns>('sns').undelivered).toMatchObject([{ code: 'AccessDenied' }]);
  });

  test('dead letters go back where they came from', async () => {
    const { QueueUrl: dead } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const SourceArn = 'arn:aws:sqs:eu-central-1:123456789012:dead';
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'live', Attributes: { RedrivePolicy } }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead }))).Messages).toBeUndefined();
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toMatchObject([{ Body: 'poison' }]);
  });

  test('a receiver that waits hears of a message at once', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'waiting' }));
    const began = Date.now();
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));
    expect((await waiting).Messages).toMatchObject([{ Body: 'now' }]);
    expect(Date.now() - began).toBeLessThan(5000);
  });
});

function policy(queue: string, topic: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queue,
        Condition: { ArnEquals: { 'aws:SourceArn': topic } },
      },
    ],
  });
}
