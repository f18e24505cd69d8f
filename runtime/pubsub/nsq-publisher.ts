import { NsqConnection, NsqError } from '../nsq/connection.ts';
import { commands } from '../nsq/protocol.ts';
import { UnavailableError } from '../unavailable.ts';

/** A connection, and the topics that have their channels there. */
interface Line {
  connection: NsqConnection;
  prepared: Map<string, Promise<void>>;
}

/** Publishes at one nsqd of several, and at the next when that is not there. */
export class NsqPublisher {
  readonly #hosts: readonly string[];
  readonly #lines = new Map<string, Promise<Line>>();
  /** Processes begin with different ones. */
  #first: number;

  constructor(hosts: readonly string[]) {
    this.#hosts = hosts;
    this.#first = Math.floor(Math.random() * hosts.length);
  }

  /**
   * Resolves when nsqd has the message. One whose connection breaks meanwhile is sent again, and may be there twice.
   * @param channels that are to get it, whether or not somebody listens yet
   */
  async publish(topic: string, channels: readonly string[], body: string): Promise<void> {
    let problem: unknown;
    for (let turn = 0; turn < this.#hosts.length; turn++) {
      const index = (this.#first + turn) % this.#hosts.length;
      const host = this.#hosts[index]!;
      try {
        const line = await this.#line(host);
        await prepare(line, host, topic, channels);
        await line.connection.ask(commands.publish(topic, body));
        this.#first = index;
        return;
      } catch (error) {
        // What one of them refuses, they all do, but for one that is ending.
        if (error instanceof NsqError && !/^E_PUB_FAILED\b/.test(error.message)) throw refused(topic, error);
        problem = error;
      }
    }
    // Callers outside read it too, whom the addresses of nsqd are no business of: these are in the cause, for the log.
    throw new UnavailableError(`topic ${topic} cannot be reached`, { cause: problem });
  }

  async close(): Promise<void> {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    await Promise.allSettled(lines.map(async (line) => (await line).connection.close()));
  }

  async #line(host: string): Promise<Line> {
    const known = this.#lines.get(host);
    // One that could not be opened is tried anew.
    const line = await known?.catch(() => undefined);
    if (line?.connection.isOpen) return line;
    if (this.#lines.get(host) !== known) return this.#line(host);
    const opening = NsqConnection.open({ host }).then((connection) => ({ connection, prepared: new Map() }));
    this.#lines.set(host, opening);
    return opening;
  }
}

function refused(topic: string, error: NsqError): Error {
  return new Error(`topic ${topic}: nsqd does not take the message: ${error.message}`, { cause: error });
}

/** A channel gets what is published once it is there, which nobody but a subscriber can make it. */
function prepare({ prepared }: Line, host: string, topic: string, channels: readonly string[]): Promise<void> {
  const known = prepared.get(topic);
  if (known) return known;
  const made = Promise.all(channels.map((channel) => makeChannel(host, topic, channel))).then(() => {});
  prepared.set(topic, made);
  made.catch(() => prepared.delete(topic));
  return made;
}

async function makeChannel(host: string, topic: string, channel: string): Promise<void> {
  const connection = await NsqConnection.open({ host });
  try {
    await connection.ask(commands.subscribe(topic, channel));
  } finally {
    await connection.close();
  }
}
