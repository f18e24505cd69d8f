import { application } from '../internal/application.ts';
import type { DurationString } from '../types/duration.ts';
import type { Topic } from './topic.ts';

/** When a message comes again whose handler failed. */
export interface RetryPolicy {
  /** The pause after the first failure; it doubles with each. @default 10s */
  minBackoff?: DurationString;
  /** The longest pause. @default 10m */
  maxBackoff?: DurationString;
  /** After so many the message becomes a dead letter; 0 counts as 100. @default 100 */
  maxRetries?: number;
}

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface SubscriptionConfig<Msg extends object> {
  /** Resolving acknowledges the message; throwing has it delivered again. */
  handler: (msg: Msg) => Promise<unknown>;
  /** Messages handled at once by one process. @default 100 */
  maxConcurrency?: number;
  /** A message that is not done by then is delivered again; 1 s at least. @default 30s */
  ackDeadline?: DurationString;
  /** How long a message is kept that nobody handles. @default 168h */
  messageRetention?: DurationString;
  /** @default that of its fields */
  retryPolicy?: RetryPolicy;
}

type AnyHandler = (msg: never) => Promise<unknown>;

const handlers = new Map<string, AnyHandler>();

/** Handles the messages of a topic; each subscription receives every message. */
export class Subscription<Msg extends object> {
  readonly name: string;
  readonly topic: Topic<Msg>;
  readonly config: SubscriptionConfig<Msg>;

  constructor(topic: Topic<Msg>, name: string, config: SubscriptionConfig<Msg>) {
    this.topic = topic;
    this.name = name;
    this.config = config;
    handlers.set(`${topic.name}/${name}`, config.handler);
    application()?.subscribed?.(topic.name, name);
  }
}

/** The handler that a module registered by declaring the subscription. */
export function subscriptionHandler(topic: string, name: string): AnyHandler | undefined {
  return handlers.get(`${topic}/${name}`);
}
