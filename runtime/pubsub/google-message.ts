import { crypto } from '../node.ts';
import type { ManifestSubscription } from '../wire.ts';
import type { Delivery, Outgoing } from './provider.ts';

/** A message as Google's API has it. */
export interface GoogleMessage {
  /** Base64. */
  data?: string;
  attributes?: Record<string, string>;
  messageId?: string;
  orderingKey?: string;
}

/** What Google keeps of a message beside its body. Bytes. */
const [longestName, longestValue, longestKey] = [256, 1024, 1024];

export function toGoogle({ body, attributes, orderingKey, traceparent }: Outgoing): GoogleMessage {
  const all = { ...attributes, ...(traceparent !== undefined && { traceparent }) };
  const legal = Object.entries(all).filter(([name, value]) => isLegal(name, value));
  return {
    data: Buffer.from(body).toString('base64'),
    ...(legal.length > 0 && { attributes: Object.fromEntries(legal) }),
    ...(orderingKey !== undefined && { orderingKey: keyOf(orderingKey) }),
  };
}

/** What is left out beside the body is still in it. */
function isLegal(name: string, value: string): boolean {
  const [first, second] = [Buffer.byteLength(name), Buffer.byteLength(value)];
  return first > 0 && first <= longestName && !name.startsWith('goog') && second <= longestValue;
}

/** The value itself where Google takes it; else a digest of it. An empty one would be none. */
function keyOf(value: string): string {
  if (value !== '' && Buffer.byteLength(value) <= longestKey) return value;
  return `sha256-${crypto.createHash('sha256').update(value).digest('hex')}`;
}

export function fromGoogle({ data = '', attributes = {}, messageId = '' }: GoogleMessage, attempt: number): Delivery {
  const { traceparent } = attributes;
  const body = Buffer.from(data, 'base64').toString('utf8');
  return { id: messageId, body, attempt, ...(traceparent !== undefined && { traceparent }) };
}

/**
 * Whether a message has been handled as often as the subscription says: Google delivers five times at the least before it gives a
 * message up, and the handler is not to see more than it was promised.
 */
export function isSpent({ retry }: ManifestSubscription, attempt: number): boolean {
  return attempt > retry.maxRetries + 1;
}

/** Whether a failure of this attempt is the last that the handler sees. */
export function isLast({ retry }: ManifestSubscription, attempt: number): boolean {
  return attempt === Math.min(retry.maxRetries + 1, mostAttempts);
}

/** How often Google delivers at most before it gives a message up. */
const mostAttempts = 100;
