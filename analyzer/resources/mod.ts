import type { Recogniser } from '../context.ts';
import { cronJob } from './cron-job.ts';
import { database, namedDatabase } from './database.ts';
import { endpoint } from './endpoint.ts';
import { secret } from './secret.ts';
import { service } from './service.ts';
import { subscription } from './subscription.ts';
import { topic } from './topic.ts';

/** Every kind of resource, each after those it refers to. */
export const recognisers: readonly Recogniser[] = [
  service,
  secret,
  database,
  namedDatabase,
  topic,
  endpoint,
  subscription,
  cronJob,
];
