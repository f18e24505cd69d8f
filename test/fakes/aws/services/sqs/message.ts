import { createHash } from 'node:crypto';

export interface Message {
  id: string;
  body: string;
  messageAttributes: Record<string, MessageAttribute>;
  /** Virtual time, in milliseconds since 1970. */
  sentAt: number;
  visibleAt: number;
  receives: number;
  firstReceivedAt?: number;
  sender: string;
  /** Of the latest receive. */
  receipt?: string;
  group?: string;
  deduplicationId?: string;
  sequence?: string;
  /** ARN of the queue that it came from, in a dead-letter queue. */
  source?: string;
}

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: Uint8Array;
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** Amazon SQS API Reference, `Message`: what a receiver sees, with the attributes that it asked for. */
export function messageView(message: Message, system: string[], own: string[]): Record<string, unknown> {
  const all: Record<string, string | undefined> = {
    SenderId: message.sender,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    MessageGroupId: message.group,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: message.sequence,
    DeadLetterQueueSourceArn: message.source,
  };
  const attributes = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (system.includes('All') || system.includes(name)),
  );
  const messageAttributes = Object.entries(message.messageAttributes).filter(([name]) =>
    own.some((wanted) => wanted === 'All' || wanted === '.*' || wanted === name || prefixed(wanted, name)),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(attributes.length > 0 && { Attributes: Object.fromEntries(attributes) }),
    ...(messageAttributes.length > 0 && { MessageAttributes: Object.fromEntries(messageAttributes) }),
  };
}

const prefixed = (wanted: string, name: string) => wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2));

/** Bytes that count against the size limit: body, names, types and values. "Amazon SQS message quotas". */
export function sizeOf(body: string, attributes: Record<string, MessageAttribute>): number {
  const parts = Object.entries(attributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) =>
      Buffer.byteLength(name + DataType + (StringValue ?? '')) + (BinaryValue?.byteLength ?? 0),
  );
  return Buffer.byteLength(body) + parts.reduce((sum, size) => sum + size, 0);
}
