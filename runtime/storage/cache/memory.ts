import type { EvictionPolicy } from './cluster.ts';
import type { OpenCache } from './configured.ts';
import { Engine } from './engine/engine.ts';
import { type Binary, type EngineReply, ReplyError } from './engine/reply.ts';
import type { Command, Reply } from './provider.ts';

export interface MemoryOptions {
  policy?: EvictionPolicy | undefined;
  /** Bytes. @default 256 MiB */
  maxMemory?: number | undefined;
  /** @default none */
  keyPrefix?: string | undefined;
}

/** A cluster in this process, and for it alone: it is empty when the process starts, and gone when it ends. */
export function openMemory({ keyPrefix = '', ...options }: MemoryOptions): OpenCache {
  const engine = new Engine(options);
  return {
    keyPrefix,
    async run(commands) {
      const replies = engine.run(commands.map((command) => command.map(encode)) as [Binary, ...Binary[]][]);
      return replies.map((reply) => {
        if (reply instanceof ReplyError) throw reply;
        return decode(reply);
      });
    },
    async close() {},
  };
}

const ascii = /^[\0-\x7f]*$/;

function encode(word: Command[number]): Binary {
  const text = String(word);
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function decode(reply: EngineReply): Reply {
  if (typeof reply === 'string') return ascii.test(reply) ? reply : Buffer.from(reply, 'latin1').toString('utf8');
  if (typeof reply === 'bigint') return Number(reply);
  if (Array.isArray(reply)) return reply.map(decode);
  return reply === null || typeof reply === 'number' ? reply : reply.status;
}
