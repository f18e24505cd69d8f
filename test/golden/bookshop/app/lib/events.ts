import type { Attribute } from 'encore.dev/pubsub';
import { Channel } from './encore.ts';

export interface Lent {
  isbn: string;
  reader: Attribute<string>;
  until: Date;
}

export const lent = new Channel<Lent>('lent', { deliveryGuarantee: 'exactly-once', orderingAttribute: 'reader' });

export async function announce(event: Lent): Promise<string> {
  return lent.publish(event);
}
