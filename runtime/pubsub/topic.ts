import { publish } from './publish.ts';

/** How often a message is delivered that was acknowledged: perhaps again, or not any more. */
export type DeliveryGuarantee = 'at-least-once' | 'exactly-once';

/** Marks a field of a message that also travels beside the body. */
export type Attribute<T extends string | number | boolean> = T;

/** The fields of a message that can be an attribute. */
export type AttributesOf<Msg extends object> = keyof {
  [K in keyof Msg as NonNullable<Msg[K]> extends string | number | boolean ? K : never]: never;
} &
  string;

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface TopicConfig<Msg extends object> {
  deliveryGuarantee: DeliveryGuarantee;
  /** Messages with the same value of this attribute are delivered in the order they were published. */
  orderingAttribute?: AttributesOf<Msg>;
}

/** Permission to publish. */
export interface Publisher<Msg extends object> {
  /**
   * Hands the message to every subscription of the topic and resolves to its identifier, when the broker has it. Rejects when the broker
   * cannot be reached, and when the process has no such topic.
   */
  publish(msg: Msg): Promise<string>;
}

/** What a reference to a topic can be for. */
export type TopicPerms<Msg extends object> = Publisher<Msg>;

/** Messages of one type, delivered to every subscription. */
export class Topic<Msg extends object> implements Publisher<Msg> {
  readonly name: string;
  readonly config: TopicConfig<Msg>;

  constructor(name: string, config: TopicConfig<Msg>) {
    this.name = name;
    this.config = config;
  }

  publish(msg: Msg): Promise<string> {
    return publish(this.name, msg);
  }

  /** A reference that can be handed around and tells the analyzer what is done with it: `ref<Publisher<Msg>>()`. */
  ref<Perms extends TopicPerms<Msg>>(): Perms {
    return this as unknown as Perms;
  }
}
