import type { Channel, Closing, Frame } from './channel.ts';
import { lost, StreamClosed } from './closing.ts';
import { Inbox } from './inbox.ts';

/** Two ends of a connection within this process. */
export function channelPair(): [Channel, Channel] {
  const ended = Promise.withResolvers<Closing>();
  const inboxes = [new Inbox(), new Inbox()] as const;
  const one = new LocalChannel(inboxes[0], inboxes[1], ended);
  return [one, new LocalChannel(inboxes[1], inboxes[0], ended)];
}

class LocalChannel implements Channel {
  readonly #own: Inbox;
  readonly #other: Inbox;
  readonly #ended: PromiseWithResolvers<Closing>;
  #open = true;

  constructor(own: Inbox, other: Inbox, ended: PromiseWithResolvers<Closing>) {
    this.#own = own;
    this.#other = other;
    this.#ended = ended;
    void ended.promise.then(() => {
      this.#open = false;
    });
  }

  get closed(): Promise<Closing> {
    return this.#ended.promise;
  }

  async send(frame: Frame): Promise<void> {
    if (!this.#open) throw new StreamClosed();
    this.#other.put(frame);
    await this.#other.room();
  }

  next(): Promise<Frame | undefined> {
    return this.#own.next();
  }

  async close(closing: Closing): Promise<void> {
    this.#open = false;
    this.#own.discard();
    this.#other.end();
    this.#ended.resolve(closing);
  }

  abort(): void {
    void this.close(lost);
  }
}
