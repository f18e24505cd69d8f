import { APIError } from '../api/error.ts';
import { away } from '../http/error-body.ts';
import type { Channel } from './channel.ts';
import { closingOf, sendable } from './closing.ts';

/** Passes messages on between a client and the process of a service until one of them closes, and lets the other know. */
export async function relay(client: Channel, service: Channel): Promise<void> {
  const gone = closingOf(APIError.unavailable(away));
  await Promise.all([
    pass(client, service, async () => service.abort()),
    pass(service, client, () => client.close(gone)),
  ]);
}

/** @param lost ends `to` when `from` was lost without a word */
async function pass(from: Channel, to: Channel, lost: () => Promise<void>): Promise<void> {
  try {
    for (let frame = await from.next(); frame !== undefined; frame = await from.next()) await to.send(frame);
  } catch {
    // `to` is closed: how is for the other direction to pass on.
  }
  const closing = sendable(await from.closed);
  await (closing ? to.close(closing) : lost());
}
