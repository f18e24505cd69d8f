import type { ManifestSubscription } from '../wire.ts';

/** What carries messages. One per backend, loaded when it is configured. */
export interface Provider {
  /** Resolves to the message's id once the message is durable. */
  publish(topic: string, message: Outgoing): Promise<string>;
  /** Hands messages to `deliver` until stopped: it resolves to acknowledge, and rejects to have it delivered again. */
  consume(subscription: ManifestSubscription, deliver: (message: Delivery) => Promise<void>): Promise<Consumer>;
  close(): Promise<void>;
}

export interface Outgoing {
  /** JSON. */
  body: string;
  /** The value of the topic's ordering attribute. */
  orderingKey?: string;
  /** Fields that travel beside the body, as text. */
  attributes?: Record<string, string>;
  /** W3C `traceparent` of the publishing request. */
  traceparent?: string;
}

export interface Delivery {
  id: string;
  body: string;
  traceparent?: string;
  /** 1 for the first delivery. */
  attempt: number;
}

export interface Consumer {
  /** Takes no more messages, gives back those that were not begun, and resolves when those being handled are done. */
  stop(): Promise<void>;
}
