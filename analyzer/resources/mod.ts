import type { Recogniser, Uses } from '../context.ts';
import { assets } from './assets.ts';
import { authHandler } from './auth-handler.ts';
import { bucket, namedBucket } from './bucket.ts';
import { cache, namedCache } from './cache.ts';
import { cronJob } from './cron-job.ts';
import { database, namedDatabase } from './database.ts';
import { endpoint } from './endpoint.ts';
import { gateway } from './gateway.ts';
import { keyspaces } from './keyspace.ts';
import { metrics } from './metric.ts';
import { middleware } from './middleware.ts';
import { raw } from './raw.ts';
import { secret } from './secret.ts';
import { service } from './service.ts';
import { streams } from './stream.ts';
import { subscription } from './subscription.ts';
import { topic } from './topic.ts';

/** Every kind of resource, each after those it refers to. */
export const recognisers: readonly Recogniser[] = [
  middleware,
  service,
  secret,
  database,
  namedDatabase,
  topic,
  bucket,
  namedBucket,
  cache,
  namedCache,
  ...keyspaces,
  ...metrics,
  endpoint,
  raw,
  ...streams,
  assets,
  authHandler,
  gateway,
  subscription,
  cronJob,
];

/** By what declares them. */
export const forms: ReadonlyMap<string, Recogniser> = new Map(recognisers.map((one) => [one.declares, one]));

/** Declarations that make their directory a service. */
export const roots: ReadonlySet<string> = new Set(
  [endpoint, raw, ...streams, assets, authHandler, gateway, subscription].map(({ declares }) => declares),
);

/** What may be done with what is declared so. */
export function usesOf(declares: string): Uses | undefined {
  return forms.get(declares)?.uses;
}

/** For messages: `a database`. */
export function what(declares: string): string {
  return forms.get(declares)?.what ?? 'a resource';
}
