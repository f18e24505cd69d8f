import type { Policies } from '../../iam/evaluate.ts';
import type { Service } from '../../model.ts';

export interface Role {
  name: string;
  path: string;
  arn: string;
  /** `AROA…` */
  id: string;
  account: string;
  created: number;
  description?: string;
  /** The document, as JSON text. */
  trust: string;
  /** Seconds. */
  maxSession: number;
  /** Documents by name, as JSON text. */
  inline: Map<string, string>;
  /** ARNs of managed policies. */
  attached: Set<string>;
  /** The ARN of a managed policy. */
  boundary?: string;
  tags: Record<string, string>;
}

export interface ManagedPolicy {
  name: string;
  path: string;
  arn: string;
  id: string;
  created: number;
  updated: number;
  description?: string;
  versions: { id: string; document: string; created: number }[];
  defaultVersion: string;
  tags: Record<string, string>;
  /** Published by AWS: nobody changes it. */
  aws?: boolean;
}

export interface OidcProvider {
  arn: string;
  /** Without a scheme: `token.actions.githubusercontent.com`. */
  url: string;
  audiences: string[];
  thumbprints: string[];
  created: number;
  tags: Record<string, string>;
}

/** What IAM holds, by ARN. */
export interface IamState {
  roles: Map<string, Role>;
  policies: Map<string, ManagedPolicy>;
  providers: Map<string, OidcProvider>;
}

/** IAM, as other services ask it. */
export interface Iam extends Service {
  readonly id: 'iam';
  state: IamState;
  /** By its name, or by its ARN. */
  findRole(account: string, nameOrArn: string): Role | undefined;
  /** What a role may: empty when it is gone. */
  policiesOf(account: string, role: string): Pick<Policies, 'identity' | 'boundary'>;
}
