import { AwsError, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import { type Message, type MessageAttribute, md5, sizeOf } from './message.ts';

export interface Sending {
  body: string;
  messageAttributes?: Record<string, MessageAttribute>;
  /** Seconds. @default the queue's own */
  delay?: number;
  group?: string;
  deduplicationId?: string;
  sender: string;
}

/** Amazon SQS API Reference, `SetQueueAttributes`: the defaults of each. */
const defaults = {
  VisibilityTimeout: '30',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

/** Bounds of the numbers among the attributes, both included. */
const bounds: Record<string, [number, number]> = {
  VisibilityTimeout: [0, 43_200],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
};

const known = [
  ...Object.keys(defaults),
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
];

/** One queue. Times pass on the virtual clock; only waiting for a message to come does so on the real one. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly createdAt: number;
  attributes: Record<string, string> = {};
  tags: Record<string, string> = {};
  purgedAt = Number.NEGATIVE_INFINITY;
  readonly #world: World;
  #messages: Message[] = [];
  #sent = new Map<string, { at: number; id: string; sequence: string }>();
  #waiting = new Set<() => void>();
  #sequence = 0n;

  constructor(world: World, arn: string, attributes: Record<string, string>) {
    this.#world = world;
    this.arn = arn;
    const [account = '', name = ''] = arn.split(':').slice(4);
    this.account = account;
    this.name = name;
    this.createdAt = world.clock.now();
    this.attributes = { ...defaults };
    this.set(attributes);
    if (this.fifo !== name.endsWith('.fifo'))
      throw new AwsError(
        'InvalidParameterValue',
        this.fifo
          ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length'
          : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
  }

  get fifo(): boolean {
    return this.attributes.FifoQueue === 'true';
  }

  get redrive(): { deadLetterTargetArn: string; maxReceiveCount: number } | undefined {
    const { RedrivePolicy } = this.attributes;
    if (!RedrivePolicy) return undefined;
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy);
    return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
  }

  /** An empty value takes an attribute back to its default. */
  set(attributes: Record<string, string>): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (!known.includes(name)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
      const [least, most] = bounds[name] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      if (bounds[name] && value !== '' && !(Number(value) >= least && Number(value) <= most))
        throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
      if (value !== '') this.attributes[name] = value;
      else if (name in defaults) this.attributes[name] = defaults[name as keyof typeof defaults];
      else delete this.attributes[name];
    }
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    const now = this.#expire();
    const hidden = this.#messages.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receipt }) => receipt).length;
    return { visible: this.#messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
  }

  send(sending: Sending): { id: string; sequence?: string; md5: string } {
    const { body, messageAttributes = {}, sender } = sending;
    this.#refuse(sending, messageAttributes);
    const now = this.#expire();
    const digest = md5(body);
    const deduplicationId = this.fifo ? (sending.deduplicationId ?? digest) : sending.deduplicationId;
    const again = this.fifo && deduplicationId ? this.#sent.get(deduplicationId) : undefined;
    // "Exactly-once processing in Amazon SQS": within five minutes the same id is accepted and not delivered again.
    if (again && now - again.at < 300_000) return { id: again.id, sequence: again.sequence, md5: digest };
    const sequence = String(18_870_000_000_000_000_000n + ++this.#sequence);
    const id = uuid(this.#world.random);
    if (deduplicationId) this.#sent.set(deduplicationId, { at: now, id, sequence });
    this.#put({
      id,
      body,
      messageAttributes,
      sender,
      sentAt: now,
      visibleAt: now + (sending.delay ?? Number(this.attributes.DelaySeconds)) * 1000,
      receives: 0,
      ...(sending.group && { group: sending.group }),
      ...(deduplicationId && { deduplicationId }),
      ...(this.fifo && { sequence }),
    });
    return { id, md5: digest, ...(this.fifo && { sequence }) };
  }

  /** Up to `most` messages; hidden for so many seconds. @param dead takes what was received too often */
  receive(most: number, visibility: number | undefined, dead: (message: Message) => boolean): Message[] {
    const now = this.#expire();
    const redrive = this.redrive;
    const taken: Message[] = [];
    // "FIFO delivery logic": while a message of a group is in flight, none of the same group follows.
    const blocked = new Set(
      this.#messages.flatMap(({ group, visibleAt, receipt }) => (group && receipt && visibleAt > now ? [group] : [])),
    );
    for (const message of [...this.#messages]) {
      if (taken.length === most) break;
      if (message.visibleAt > now) {
        if (this.fifo && message.group) blocked.add(message.group);
        continue;
      }
      if (this.fifo && blocked.has(message.group ?? '')) continue;
      if (redrive && message.receives >= redrive.maxReceiveCount && dead(message)) {
        this.#messages.splice(this.#messages.indexOf(message), 1);
        continue;
      }
      message.receives += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + (visibility ?? Number(this.attributes.VisibilityTimeout)) * 1000;
      message.receipt = this.#world.random.text(56);
      taken.push(message);
    }
    return taken;
  }

  /** A message of another queue, as it is; it can be received at once. */
  adopt(message: Message): void {
    const { receipt: _receipt, firstReceivedAt: _first, ...rest } = message;
    // "Using dead-letter queues": a standard queue keeps the time at which it was sent, a FIFO one counts anew.
    const now = this.#world.clock.now();
    this.#put({ ...rest, receives: 0, visibleAt: now, sentAt: this.fifo ? now : rest.sentAt });
  }

  /** Takes everything that can be received. */
  drain(): Message[] {
    const now = this.#expire();
    const free = this.#messages.filter(({ visibleAt }) => visibleAt <= now);
    this.#messages = this.#messages.filter(({ visibleAt }) => visibleAt > now);
    return free;
  }

  delete(receipt: string): void {
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt);
  }

  hide(receipt: string, seconds: number): void {
    const message = this.#messages.find((one) => one.receipt === receipt);
    const now = this.#world.clock.now();
    if (!message || message.visibleAt <= now)
      throw new AwsError(
        'MessageNotInflight',
        `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    message.visibleAt = now + seconds * 1000;
    if (seconds === 0) {
      delete message.receipt;
      this.#wake();
    }
  }

  purge(): void {
    this.#messages = [];
  }

  /** Resolves when something came in, or after so many milliseconds of real time. */
  arrival(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds).unref();
      this.#waiting.add(done);
    });
  }

  #put(message: Message): void {
    this.#messages.push(message);
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #expire(): number {
    const now = this.#world.clock.now();
    const oldest = now - Number(this.attributes.MessageRetentionPeriod) * 1000;
    this.#messages = this.#messages.filter(({ sentAt }) => sentAt > oldest);
    return now;
  }

  #refuse({ body, group, deduplicationId, delay }: Sending, attributes: Record<string, MessageAttribute>): void {
    const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
    if (!body) throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
    const most = Number(this.attributes.MaximumMessageSize);
    if (sizeOf(body, attributes) > most)
      throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what SQS refuses.
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(body))
      throw new AwsError(
        'InvalidMessageContents',
        'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
      );
    if (!this.fifo) return;
    if (!group) throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
    if (delay)
      throw invalid(
        `Value ${delay} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
      );
    if (!deduplicationId && this.attributes.ContentBasedDeduplication !== 'true')
      throw invalid(
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      );
  }
}
