import { Subscription } from '../lib/encore.ts';
import * as events from '../lib/events.ts';
import { signature } from '../lib/keys.ts';

const topic = events.lent;

new Subscription(topic, 'tell-reader', {
  async handler(event) {
    console.log(signature(event.reader));
  },
  ackDeadline: '1m',
  maxConcurrency: 4,
  retryPolicy: { maxRetries: 5, minBackoff: '2s' },
});
