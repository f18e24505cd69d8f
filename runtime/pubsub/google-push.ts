import type { ServerResponse } from 'node:http';
import { APIError } from '../api/error.ts';
import { isCalledBy } from '../google/caller.ts';
import type { Exchange } from '../http/exchange.ts';
import { readBody } from '../http/request.ts';
import { send } from '../http/respond.ts';
import log from '../log/mod.ts';
import { traceOfFailure } from './failure-trace.ts';
import { fromGoogle, type GoogleMessage, isLast, isSpent } from './google-message.ts';
import type { PushReceiver } from './push.ts';

/** A message is 10 MB at most, and a third more in base64. Bytes. */
const longestBody = 15 * 1024 * 1024;

interface Pushed {
  message: GoogleMessage;
  /** Where the subscription gives messages up. */
  deliveryAttempt?: number;
}

/**
 * Handles a message that Google sends: 204 acknowledges it, and anything else has it delivered again.
 * @throws APIError `unauthenticated` without a token of the subscription's service account
 */
export async function answerPush(
  { config, subscription, deliver }: PushReceiver,
  exchange: Exchange,
  response: ServerResponse,
): Promise<void> {
  const { request } = exchange;
  const { service_account: email, jwt_audience: audience } = config;
  if (!(await isCalledBy(request.headers.authorization, { email, audience })))
    throw APIError.unauthenticated('only Google sends messages here, with a token of the service account');
  const { message, deliveryAttempt } = parse((await readBody(request, longestBody)).toString('utf8'));
  const attempt = deliveryAttempt ?? 1;
  const refuse = () => send(exchange, response, { status: 500, headers: [] });
  if (isSpent(subscription, attempt)) return refuse();
  try {
    await deliver(fromGoogle(message, attempt));
  } catch (error) {
    const { name, topic } = subscription;
    const about = { topic, subscription: name, attempts: attempt, message_id: message.messageId };
    if (deliveryAttempt !== undefined && isLast(subscription, attempt))
      log.error(error, 'message became a dead letter', { ...about, ...traceOfFailure(error) });
    return refuse();
  }
  send(exchange, response, { status: 204, headers: [] });
}

function parse(body: string): Pushed {
  let pushed: Partial<Pushed> | null = null;
  try {
    pushed = JSON.parse(body) as Partial<Pushed> | null;
  } catch {
    // Said below, with the others.
  }
  if (typeof pushed?.message === 'object' && pushed.message !== null) return pushed as Pushed;
  throw APIError.invalidArgument('the body is no message of Pub/Sub: unwrapped ones are not taken');
}
