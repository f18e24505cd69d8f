import type { Properties, ResourceContext, ResourceProvider, World } from '../../model.ts';
import { actions, alreadyExists, arn, generatedName, keeper, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { Sns } from './sns.ts';

/** AWS::SNS::Topic, TopicPolicy and Subscription, by the CloudFormation template reference. */
export function topicResources(world: World, sns: Sns): Record<string, ResourceProvider> {
  const topicArn = (properties: Properties, context: ResourceContext, id?: string) =>
    id ?? arn('sns', context, properties.TopicName ?? `${context.stack.name}-*`);

  const topic: ResourceProvider = {
    async create(properties, context) {
      const name =
        properties.TopicName ?? generatedName(context, world.random, 251) + (properties.FifoTopic ? '.fifo' : '');
      if (sns.topics.has(arn('sns', context, name))) throw alreadyExists(name);
      const made = sns.create(context, name, topicAttributes(properties));
      made.tags = tagsOf(properties, context);
      for (const { Protocol, Endpoint } of properties.Subscription ?? [])
        sns.subscribe(made.arn, Protocol, Endpoint, {});
      return { id: made.arn, attributes: { TopicArn: made.arn, TopicName: name } };
    },
    async update(id, properties, previous, context) {
      const changed = sns.topics.get(id);
      if (!changed) throw new Error(`${id} is not there to be changed.`);
      for (const name of Object.keys(topicAttributes(previous))) delete changed.attributes[name];
      Object.assign(changed.attributes, topicAttributes(properties));
      changed.tags = tagsOf(properties, context);
      const wanted = new Set((properties.Subscription ?? []).map((one: { Endpoint: string }) => one.Endpoint));
      for (const { Protocol, Endpoint } of properties.Subscription ?? []) sns.subscribe(id, Protocol, Endpoint, {});
      for (const { Endpoint } of previous.Subscription ?? [])
        for (const one of changed.subscriptions.filter((one) => one.endpoint === Endpoint && !wanted.has(Endpoint)))
          sns.unsubscribe(one.arn);
      return { id, attributes: { TopicArn: id, TopicName: changed.name } };
    },
    async delete(id) {
      sns.remove(id);
    },
    async read(id) {
      const found = sns.topics.get(id);
      if (!found) return undefined;
      const { Policy: _policy, FifoTopic, ContentBasedDeduplication, ...rest } = found.attributes;
      return {
        TopicName: found.name,
        ...rest,
        ...(FifoTopic && { FifoTopic: FifoTopic === 'true' }),
        ...(ContentBasedDeduplication && { ContentBasedDeduplication: ContentBasedDeduplication === 'true' }),
      };
    },
    latency: latencies.topic,
    wishes: actions(
      {
        create: ['sns:CreateTopic', 'sns:TagResource', 'sns:GetTopicAttributes'],
        update: ['sns:SetTopicAttributes', 'sns:TagResource', 'sns:GetTopicAttributes', 'sns:UntagResource'],
        delete: ['sns:DeleteTopic', 'sns:GetTopicAttributes'],
      },
      topicArn,
    ),
  };

  const subscription: ResourceProvider = {
    async create(properties) {
      const { TopicArn, Protocol, Endpoint, Region: _region, ...rest } = properties;
      const made = sns.subscribe(TopicArn, Protocol, Endpoint, texts(rest));
      return { id: made.arn, attributes: { Arn: made.arn } };
    },
    async update(id, properties) {
      const { TopicArn, Protocol: _protocol, Endpoint: _endpoint, Region: _region, ...rest } = properties;
      const found = sns.topics.get(TopicArn)?.subscriptions.find((one) => one.arn === id);
      if (!found) throw new Error(`${id} is not there to be changed.`);
      found.attributes = texts(rest);
      return { id, attributes: { Arn: id } };
    },
    async delete(id) {
      sns.unsubscribe(id);
    },
    async read(id) {
      const found = [...sns.topics.values()]
        .flatMap(({ subscriptions }) => subscriptions)
        .find((one) => one.arn === id);
      if (!found) return undefined;
      const { topicArn: TopicArn, protocol: Protocol, endpoint: Endpoint, attributes } = found;
      const plain = Object.entries(attributes).map(([name, text]) => [
        name,
        JSON.parse(/^[[{tf\d]/.test(text) ? text : JSON.stringify(text)),
      ]);
      return { TopicArn, Protocol, Endpoint, ...Object.fromEntries(plain) };
    },
    latency: latencies.small,
    wishes: actions(
      {
        create: ['sns:Subscribe', 'sns:GetSubscriptionAttributes'],
        update: ['sns:SetSubscriptionAttributes', 'sns:GetSubscriptionAttributes'],
        delete: ['sns:Unsubscribe', 'sns:GetSubscriptionAttributes'],
      },
      (properties) => String(properties.TopicArn),
    ),
  };

  const policy = keeper({
    id: (_properties, context) => generatedName(context, world.random),
    attributes: ({ id }) => ({ Id: id }),
    made: ({ properties }) => set(properties.Topics, JSON.stringify(properties.PolicyDocument)),
    changed: ({ properties }) => set(properties.Topics, JSON.stringify(properties.PolicyDocument)),
    remove: ({ properties }) =>
      set(
        properties.Topics.filter((one: string) => sns.topics.has(one)),
        undefined,
      ),
    latency: latencies.small,
    wishes: (_verb, properties) =>
      (properties.Topics ?? []).map((one: string) => ({ action: 'sns:SetTopicAttributes', resource: String(one) })),
  });

  function set(arns: string[], Policy: string | undefined): void {
    for (const one of arns) {
      const { attributes } = sns.topics.get(one) ?? {};
      if (!attributes) throw new Error(`${one} is not there to have a policy.`);
      if (Policy) attributes.Policy = Policy;
      else delete attributes.Policy;
    }
  }

  return { 'AWS::SNS::Topic': topic, 'AWS::SNS::Subscription': subscription, 'AWS::SNS::TopicPolicy': policy.provider };
}

function topicAttributes({ TopicName: _n, Tags: _t, Subscription: _s, ...rest }: Properties): Record<string, string> {
  return texts(rest);
}

const texts = (properties: Properties): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
