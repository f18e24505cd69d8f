import { type Binary, type EngineReply, ReplyError } from '../engine/reply.ts';

/** The version of the protocol: 3 has a sign of its own for what is not there, and for maps. */
export type Protocol = 2 | 3;

/** What goes over the wire for an answer, a character for each byte. */
export function encodeReply(reply: EngineReply | ReplyError, protocol: Protocol): Binary {
  if (reply instanceof ReplyError) return `-${reply.message.replace(/[\r\n]/g, ' ')}\r\n`;
  if (reply === null) return protocol === 3 ? '_\r\n' : '$-1\r\n';
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`;
  if (Array.isArray(reply)) return encodeArray(reply, protocol);
  return `+${reply.status}\r\n`;
}

export function encodeArray(replies: readonly (EngineReply | ReplyError)[], protocol: Protocol): Binary {
  return `*${replies.length}\r\n${replies.map((reply) => encodeReply(reply, protocol)).join('')}`;
}

export function encodeMap(entries: Record<string, EngineReply>, protocol: Protocol): Binary {
  if (protocol === 2) return encodeArray(Object.entries(entries).flat(), protocol);
  const pairs = Object.entries(entries).flat();
  return `%${pairs.length / 2}\r\n${pairs.map((reply) => encodeReply(reply, protocol)).join('')}`;
}
