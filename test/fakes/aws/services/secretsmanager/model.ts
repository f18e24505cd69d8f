import type { Call, Service } from '../../model.ts';

export interface Version {
  id: string;
  string?: string;
  binary?: Uint8Array;
  stages: Set<string>;
  created: number;
}

export interface Secret {
  name: string;
  arn: string;
  account: string;
  region: string;
  description?: string;
  kmsKey?: string;
  versions: Map<string, Version>;
  tags: Record<string, string>;
  created: number;
  changed: number;
  /** When it will be gone. */
  deletion?: number;
  /** When somebody asked for that. */
  deleted?: number;
  policy?: string;
}

export interface SecretsManager extends Service {
  readonly id: 'secretsmanager';
  secrets: Map<string, Secret>;
  /** By name, ARN, or ARN without its last six characters. Those that wait for their deletion as well. */
  find(id: string, call: Pick<Call, 'account' | 'region'>): Secret | undefined;
}
