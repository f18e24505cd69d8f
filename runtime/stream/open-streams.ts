import type { Channel } from './channel.ts';
import { goingAway } from './closing.ts';

/** How long clients have to agree to the end of the process. Milliseconds. */
const patience = 2000;

/** Streams that are being served, each with the work for it. */
const served = new Map<Channel, Promise<void>>();

/** Streams that this process has opened to others. */
const opened = new Set<Channel>();

/** Knows a stream as served until the work for it is done. */
export function trackServed(channel: Channel, work: Promise<void>): void {
  const done = work.finally(() => served.delete(channel));
  served.set(channel, done);
}

/** Knows a stream as opened until it is closed. */
export function trackOpened(channel: Channel): void {
  opened.add(channel);
  void channel.closed.then(() => opened.delete(channel));
}

/** Tells every client that the process is about to end, and waits for the handlers to finish. */
export async function drainStreams(): Promise<void> {
  const [channels, work] = [[...served.keys()], [...served.values()]];
  const timer = setTimeout(() => abort(channels), patience);
  await Promise.all(channels.map((channel) => channel.close(goingAway)));
  clearTimeout(timer);
  await Promise.all(work);
  abort(opened);
}

function abort(channels: Iterable<Channel>): void {
  for (const channel of channels) channel.abort();
}
