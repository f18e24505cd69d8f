import type { Properties, ResourceContext, ResourceProvider, World } from '../../model.ts';
import { actions, alreadyExists, arn, generatedName, keeper, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { Sqs } from './sqs.ts';

const notAttributes = ['QueueName', 'Tags'];

/** AWS::SQS::Queue and AWS::SQS::QueuePolicy, by the CloudFormation template reference. */
export function queueResources(world: World, sqs: Sqs): Record<string, ResourceProvider> {
  const nameOf = (properties: Properties, context: ResourceContext) =>
    properties.QueueName ?? generatedName(context, world.random, 75) + (properties.FifoQueue ? '.fifo' : '');
  const queueArn = (properties: Properties, context: ResourceContext, id?: string) =>
    id
      ? arn('sqs', context, id.split('/').at(-1) ?? '')
      : arn('sqs', context, properties.QueueName ?? `${context.stack.name}-*`);

  const there = (id: string) => {
    try {
      return sqs.queueAt(id);
    } catch {
      return undefined;
    }
  };

  const answer = (id: string) => {
    const queue = sqs.queueAt(id);
    return { id, attributes: { Arn: queue.arn, QueueName: queue.name, QueueUrl: id } };
  };

  const queue: ResourceProvider = {
    async create(properties, context) {
      const name = nameOf(properties, context);
      const there = sqs.queues.get(arn('sqs', context, name));
      if (there) throw alreadyExists(name);
      const made = await patiently(world, () => sqs.create(context, name, attributesOf(properties)));
      made.tags = tagsOf(properties, context);
      return answer(sqs.urlOf(made));
    },
    async update(id, properties, previous, context) {
      const gone = Object.keys(attributesOf(previous)).filter((name) => !(name in attributesOf(properties)));
      const changed = sqs.queueAt(id);
      changed.set({ ...Object.fromEntries(gone.map((name) => [name, ''])), ...attributesOf(properties) });
      changed.tags = tagsOf(properties, context);
      return answer(id);
    },
    async delete(id) {
      const queue = there(id);
      if (queue) sqs.remove(queue);
    },
    async read(id) {
      const queue = there(id);
      if (!queue) return undefined;
      const { Policy: _policy, ...attributes } = queue.attributes;
      return {
        QueueName: queue.name,
        ...Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, plain(text)])),
      };
    },
    latency: latencies.queue,
    wishes: actions(
      {
        create: ['sqs:CreateQueue', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:TagQueue'],
        update: ['sqs:SetQueueAttributes', 'sqs:GetQueueAttributes', 'sqs:TagQueue', 'sqs:UntagQueue'],
        delete: ['sqs:DeleteQueue', 'sqs:GetQueueAttributes'],
      },
      queueArn,
    ),
  };

  const policy = keeper({
    id: (_properties, context) => generatedName(context, world.random),
    attributes: ({ id }) => ({ Id: id }),
    made: ({ properties }) => set(properties.Queues, JSON.stringify(properties.PolicyDocument)),
    changed: ({ properties }, previous) => {
      set(
        previous.Queues.filter((url: string) => !properties.Queues.includes(url)),
        '',
      );
      set(properties.Queues, JSON.stringify(properties.PolicyDocument));
    },
    remove: ({ properties }) => set(properties.Queues.filter(there), ''),
    latency: latencies.small,
    wishes: (_verb, properties, context) =>
      (properties.Queues ?? []).map((url: string) => ({
        action: 'sqs:SetQueueAttributes',
        resource: queueArn(properties, context, String(url)),
      })),
  });

  function set(urls: string[], Policy: string): void {
    for (const url of urls) sqs.queueAt(url).set({ Policy });
  }

  return { 'AWS::SQS::Queue': queue, 'AWS::SQS::QueuePolicy': policy.provider };
}

/** Values are strings in the API, and numbers, booleans and objects in templates. */
function attributesOf(properties: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, value]) => !notAttributes.includes(name) && value !== undefined)
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}

const plain = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** A name that was given up less than a minute ago: CloudFormation asks again until it is free. */
async function patiently<T>(world: World, work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if ((error as { code?: string }).code !== 'QueueDeletedRecently') throw error;
      await world.clock.sleep(10_000);
    }
  }
}
