import { isIP } from 'node:net';
import { Redis, type RedisOptions } from 'ioredis';
import { resolveEnv } from '../../infra/config.ts';
import { splitHost, tlsOf } from '../../postgres/connect.ts';
import { UnavailableError } from '../../unavailable.ts';
import type { RedisServer } from '../../wire.ts';
import type { OpenCache } from './configured.ts';
import type { Command, Reply } from './provider.ts';

/** A connection that cannot be made, and a command without an answer, fail after so long. Milliseconds. */
const [connectTimeout, commandTimeout] = [5_000, 10_000];

/** Milliseconds between two tries to connect, doubled up to the maximum. */
const [firstPause, longestPause] = [50, 2_000];

/** How often a connection is tried for a command that was not sent yet: a server that restarts is back by then, or is not available. */
const retries = 3;

const defaultPort = 6379;

/** A cluster on a server that speaks Redis. One connection, over which commands are sent without waiting for each other. */
export function openRedis(cluster: string, server: RedisServer): OpenCache {
  const redis = new Redis({ ...optionsOf(server, cluster), replyMapping: 'legacy' });
  // What a lost connection means for a command, the command says itself.
  redis.on('error', () => {});
  const underWay = new UnderWay(redis);
  return {
    keyPrefix: server.key_prefix ?? '',
    async run(commands) {
      try {
        return await underWay.watch(send(redis, commands));
      } catch (error) {
        throw isOfServer(error) ? error : new UnavailableError(`cache ${cluster} cannot be reached`, { cause: error });
      }
    },
    async close() {
      // A server that is gone is not waited for.
      if (redis.status !== 'ready') redis.disconnect();
      else await redis.quit().catch(() => redis.disconnect());
    },
  };
}

/**
 * What was sent and not answered when the connection is lost has failed at once: it may have been done, and is not to be done twice. What
 * waits for a connection goes on waiting.
 */
class UnderWay {
  readonly #redis: Redis;
  readonly #waiting = new Set<Sent>();

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('ready', () => {
      for (const one of this.#waiting) one.written = true;
    });
    redis.on('close', () => {
      for (const { written, lose } of this.#waiting) if (written) lose(new Error('the connection was lost'));
    });
  }

  watch(answer: Promise<Reply[]>): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      const one = { written: this.#redis.status === 'ready', lose: reject };
      this.#waiting.add(one);
      answer.then(resolve, reject).finally(() => this.#waiting.delete(one));
    });
  }
}

interface Sent {
  written: boolean;
  lose(error: Error): void;
}

async function send(redis: Redis, commands: readonly Command[]): Promise<Reply[]> {
  const [first, ...others] = commands;
  if (!first) return [];
  const [name, ...args] = first;
  if (others.length === 0) return [(await redis.call(name, ...args)) as Reply];
  const replies = await redis.multi(commands.map((command) => ['call', ...command])).exec();
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply as Reply;
  });
}

function optionsOf(
  { host: address, database_index: db, auth, tls_config }: RedisServer,
  cluster: string,
): RedisOptions {
  const explicit = /:\d+$/.test(address) ? address : `${address}:${defaultPort}`;
  const { host, port } = splitHost(explicit);
  const tls = tlsOf(tls_config);
  return {
    ...{ host, port, db, connectTimeout, commandTimeout },
    ...(auth?.type === 'acl' && {
      username: resolveEnv(auth.username, `the user of cache ${cluster}`),
      password: resolveEnv(auth.password, `the password of cache ${cluster}`),
    }),
    ...(auth?.type === 'auth_string' && { password: resolveEnv(auth.auth_string, `the password of cache ${cluster}`) }),
    ...(tls && { tls: { ...tls, ...(isIP(host) === 0 && { servername: host }) } }),
    maxRetriesPerRequest: retries,
    autoResendUnfulfilledCommands: false,
    // It asks for more than users are allowed to; a server that is still loading says so itself.
    enableReadyCheck: false,
    retryStrategy: (times) => Math.min(firstPause * 2 ** (times - 1), longestPause),
    // After a fail-over the former primary only reads: the name leads to the new one.
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
  };
}

/** Whether the server answered, with an error of its own; a server that is still loading is not there yet. */
function isOfServer(error: unknown): boolean {
  const { name, message } = error as Error;
  return name === 'ReplyError' && !/^(LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN)\b/.test(message);
}
