import type { Environment } from '../pipeline/mod.ts';
import type { Clients } from './clients.ts';
import type { AwsImages } from './images/mod.ts';
import type { Account, AwsWritten } from './model.ts';
import type { AwsSecretStore } from './secrets.ts';
import type { Time } from './time.ts';

/** Everything the target touches AWS through. */
export interface Aws {
  clients: Clients;
  account: Account;
  time: Time;
  images: AwsImages;
  secrets: AwsSecretStore;
  written(environment: Environment): AwsWritten;
  /** Whom it works for, `owner/name`; absent: for whoever has the credentials. */
  repository?: string;
}
