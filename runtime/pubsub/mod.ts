export { type RetryPolicy, Subscription, type SubscriptionConfig } from './subscription.ts';
export {
  type Attribute,
  type AttributesOf,
  type DeliveryGuarantee,
  type Publisher,
  Topic,
  type TopicConfig,
  type TopicPerms,
} from './topic.ts';
