import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { defaultGrace, infra } from '../infra/config.ts';
import log from '../log/mod.ts';
import type { Consumer } from '../pubsub/provider.ts';

/** Seconds that a queue can be asked for, and the most messages that it then gives. */
const [longestPoll, largestBatch] = [20, 10];

/** How soon to ask again after a failure. Milliseconds. */
const retryInterval = 1_000;

/**
 * Seconds that a poll lasts: less than the process has to end, which waits for it. A queue may give a message to one that nobody listens
 * to any more, and that message is late then, by its deadline.
 */
function pollSeconds(): number {
  const { total = defaultGrace } = infra().graceful_shutdown ?? {};
  return Math.min(longestPoll, Math.max(1, Math.floor(total) - 1));
}

/** How much longer than it lasts a poll is waited for at the end. Milliseconds. */
const patience = 500;

/** The least and the most that a queue keeps a message from others. Seconds. */
const [shortestVisibility, longestVisibility] = [1, 43_200];

export interface Received {
  body: string;
  /** 1 for the first time. */
  attempt: number;
}

/** What becomes of a message: it is done, or it comes again after so many milliseconds. */
export type Fate = 'done' | { again: number };

export interface QueueOptions {
  url: string;
  /** What the log says of the queue. */
  about: Record<string, string>;
  /** Milliseconds after which a message that is not done comes again. */
  deadline: number;
  /** Whether the deadline moves on as long as a message is being handled. @default false */
  extend?: boolean;
  /** Messages handled at once. */
  concurrency: number;
  /** Rejects only for want of anything better to do: the message then comes again at its deadline. */
  handle(message: Received): Promise<Fate>;
}

/** For all queues of a process in the region of this one: each holds a connection while it waits. */
export function openSqs(url: string): SQSClient {
  const region = regionOf(url);
  return new SQSClient({
    ...(region !== undefined && { region }),
    // What the environment says of the endpoint counts for queues as for all else.
    useQueueUrlAsEndpoint: false,
    requestHandler: {
      httpsAgent: { keepAlive: true, maxSockets: 1000 },
      httpAgent: { keepAlive: true, maxSockets: 1000 },
      connectionTimeout: 5_000,
      // A long poll is silent until its end.
      socketTimeout: (longestPoll + 10) * 1000,
    },
  });
}

/** Undefined for a queue that is not on AWS: the environment says it then. */
export function regionOf(url: string): string | undefined {
  return /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(url)?.[1];
}

/** Takes messages of one queue on SQS until it is stopped. Of a FIFO queue one at a time, so that no message is counted as taken that waits. */
export class QueueConsumer implements Consumer {
  readonly #client: SQSClient;
  readonly #options: QueueOptions;
  readonly #working = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #hangingUp = new AbortController();
  readonly #poll = pollSeconds();
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(client: SQSClient, options: QueueOptions) {
    this.#client = client;
    this.#options = options;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.abort();
    const timer = setTimeout(() => this.#hangingUp.abort(), this.#poll * 1000 + patience);
    await this.#running;
    clearTimeout(timer);
    await Promise.all(this.#working);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const free = this.#options.concurrency - this.#working.size;
        if (free <= 0) await Promise.race(this.#working);
        else await this.#take(free);
      } catch (error) {
        if (this.#stopped) return;
        log.warn(error, 'the queue cannot be read', this.#options.about);
        await this.#pause();
      }
    }
  }

  async #take(free: number): Promise<void> {
    const { url, deadline } = this.#options;
    const most = url.endsWith('.fifo') ? 1 : largestBatch;
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(free, most),
        WaitTimeSeconds: this.#poll,
        VisibilityTimeout: seconds(deadline, shortestVisibility),
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { abortSignal: this.#hangingUp.signal },
    );
    for (const message of Messages) this.#begin(message);
  }

  #begin(message: Message): void {
    const work = (this.#stopped ? this.#hide(message, 0) : this.#work(message))
      .catch((error) => log.warn(error, 'the outcome of a message could not be kept: it will be delivered again'))
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #work(message: Message): Promise<void> {
    const { handle, extend, deadline } = this.#options;
    const attempt = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
    const beat = extend ? setInterval(() => this.#keep(message), deadline / 3) : undefined;
    try {
      const fate = await handle({ body: message.Body ?? '', attempt });
      if (fate === 'done') await this.#delete(message);
      else await this.#hide(message, fate.again);
    } finally {
      clearInterval(beat);
    }
  }

  #keep(message: Message): void {
    this.#hide(message, this.#options.deadline).catch((error) =>
      log.warn(error, 'the deadline of a message could not be moved', this.#options.about),
    );
  }

  async #delete({ ReceiptHandle }: Message): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#options.url, ReceiptHandle }));
  }

  /** Keeps the message from everybody for so many milliseconds, from now on. */
  async #hide({ ReceiptHandle }: Message, milliseconds: number): Promise<void> {
    const VisibilityTimeout = seconds(milliseconds, 0);
    await this.#client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.#options.url, ReceiptHandle, VisibilityTimeout }),
    );
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryInterval);
      const { signal } = this.#stopping;
      signal.addEventListener('abort', () => [clearTimeout(timer), resolve()], { once: true });
    });
  }
}

function seconds(milliseconds: number, least: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds / 1000), least), longestVisibility);
}
