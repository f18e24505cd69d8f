import type { NsqMessage } from '../nsq/protocol.ts';
import type { Delivery, Outgoing } from './provider.ts';

/** What is in a message on NSQ, which has no place for anything beside its body. */
export interface NsqEnvelope {
  /** The version of this form, by which it is known. */
  fairlead: 1;
  /** What `publish` answered. */
  id: string;
  traceparent?: string;
  attributes?: Record<string, string>;
  /** The message as its type has it. */
  body: unknown;
}

export function seal(id: string, { body, attributes, traceparent }: Outgoing): string {
  const about = {
    fairlead: 1,
    id,
    ...(traceparent !== undefined && { traceparent }),
    ...(attributes && { attributes }),
  };
  return `${JSON.stringify(about).slice(0, -1)},"body":${body}}`;
}

/** A message without an envelope was published by something else: all of it is the body then. */
export function unseal({ id, attempts: attempt, body }: NsqMessage): Delivery {
  const text = body.toString();
  const envelope = envelopeIn(text);
  if (!envelope) return { id, body: text, attempt };
  const { traceparent } = envelope;
  return {
    id: envelope.id,
    body: JSON.stringify(envelope.body),
    attempt,
    ...(typeof traceparent === 'string' && { traceparent }),
  };
}

function envelopeIn(text: string): NsqEnvelope | undefined {
  try {
    const value = JSON.parse(text) as Partial<NsqEnvelope> | null;
    return value?.fairlead === 1 && typeof value.id === 'string' && 'body' in value
      ? (value as NsqEnvelope)
      : undefined;
  } catch {
    // No JSON at all: the codec says so, in the log of the subscription.
    return undefined;
  }
}
