import { anonymous, type Credentials } from '../credentials/credential.ts';
import { repositoryError } from '../errors.ts';
import { isRegistry, quoted, requireName } from '../name.ts';
import type { Repository } from '../repository.ts';
import { Authorizer } from './authorizer.ts';
import { type Clock, systemClock } from './clock.ts';
import { Exchange } from './exchange.ts';
import { Secrets } from './refusal.ts';
import { RemoteRepository } from './remote.ts';
import { defaultRetry, type RetryPolicy } from './retry.ts';
import { createTransport, isLoopback, type Timeouts, type Transport } from './transport.ts';
import { defaultUpload, type UploadOptions } from './upload.ts';

export interface RegistryOptions {
  /** @default asks as nobody */
  credentials?: Credentials;
  /** Speak without encryption. Else that is done on this machine only. @default false */
  plainHttp?: boolean;
  /** Where it answers, as `https://host:port`, when that is not its name: behind a tunnel. @default its name */
  address?: string | undefined;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read. @default none of them */
  env?: Record<string, string | undefined>;
  upload?: Partial<UploadOptions>;
  retry?: Partial<RetryPolicy>;
  timeouts?: Partial<Timeouts>;
  clock?: Clock;
  /** From 0 to 1. @default Math.random */
  random?: () => number;
}

/** A registry over HTTP: one set of connections and tokens for all its repositories. */
export interface Registry {
  readonly host: string;
  /** @throws UserError FL2209 when there can be no repository of this name. */
  repository(name: string): Repository;
  close(): Promise<void>;
}

/** `host` as people write it, with the port if there is one. Nothing is sent yet. */
export function openRegistry(host: string, options: RegistryOptions = {}): Registry {
  if (!isRegistry(host))
    throw repositoryError(
      'FL2209',
      `${quoted(host)} does not name a registry`,
      'Write its host, and its port if it has one: registry.example:5000.',
    );
  const base = options.address === undefined ? baseOf(host, options.plainHttp ?? false) : new URL('/', options.address);
  const transport = createTransport({
    env: options.env ?? {},
    timeouts: { connect: 10_000, idle: 60_000, ...options.timeouts },
  });
  const exchange = createExchange(host, base, transport, options);
  const uploadOptions = { ...defaultUpload, ...options.upload };
  return {
    host,
    repository(name) {
      requireName(host, name);
      return new RemoteRepository(exchange, host, name, uploadOptions);
    },
    close: () => transport.close(),
  };
}

function createExchange(host: string, base: URL, transport: Transport, options: RegistryOptions): Exchange {
  const retrier = {
    policy: { ...defaultRetry, ...options.retry },
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
  const secrets = new Secrets();
  const credentials = options.credentials ?? anonymous;
  const authorizer = new Authorizer({ base, host, credentials, transport, retrier, secrets });
  return new Exchange({ base, host, transport, authorizer, retrier, secrets });
}

/** Docker's own registry answers at another name than it has. */
const aliases: Record<string, string> = { 'docker.io': 'registry-1.docker.io' };

function baseOf(host: string, plainHttp: boolean): URL {
  const { hostname } = new URL(`http://${host}`);
  const protocol = plainHttp || isLoopback(hostname) ? 'http' : 'https';
  return new URL(`${protocol}://${aliases[host] ?? host}/`);
}
