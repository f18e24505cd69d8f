export { Subscription, Topic as Channel } from 'encore.dev/pubsub';
