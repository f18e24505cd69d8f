import type { Principal, Properties } from '../../model.ts';
import type { Policy, TemplateDocument } from './template.ts';

/** A stack, also one that is deleted. */
export interface Stack {
  id: string;
  name: string;
  account: string;
  region: string;
  status: string;
  reason?: string;
  detailedStatus?: 'CONFIGURATION_COMPLETE' | 'VALIDATION_FAILED';
  created: number;
  updated?: number;
  deleted?: number;
  /** Absent while it is only reviewed. */
  settings?: Settings;
  outputs: Output[];
  /** As they are, by logical id. */
  resources: Map<string, Resource>;
  /** Oldest first. */
  events: Event[];
  /** By id. */
  changeSets: Map<string, ChangeSet>;
  terminationProtection: boolean;
  policy?: string;
  drift: { status: 'NOT_CHECKED' | 'IN_SYNC' | 'DRIFTED'; at?: number };
  /** The last state that an operation reached, which a rollback goes back to; absent before there is one. */
  stable?: StableState;
  /** Logical ids that were changed since, and what is to go once it is settled which state it goes to. */
  dirty: Set<string>;
  leftovers: Resource[];
  /** What goes on now, and its end. */
  operation?: Operation;
  running?: Promise<void>;
  operations: { OperationId: string; OperationType: string }[];
  /** Whatever was last done with it: Express mode binds what may follow a failure. */
  lastConfig?: DeploymentConfig;
}

/** What a stack was last asked to be. */
export interface Settings {
  body: string;
  template: TemplateDocument;
  /** As given. */
  parameters: Record<string, string>;
  /** By name: what Parameter Store had. */
  resolved: Record<string, string>;
  tags: Record<string, string>;
  capabilities: string[];
  role?: string;
  notifications: string[];
  disableRollback: boolean;
  deploymentConfig?: DeploymentConfig;
  timeout?: number;
  changeSetId?: string;
  retainExceptOnCreate?: boolean;
}

export interface DeploymentConfig {
  Mode?: 'STANDARD' | 'EXPRESS';
  DisableRollback?: boolean;
}

export interface StableState {
  settings: Settings;
  outputs: Output[];
  resources: Map<string, Resource>;
}

export interface Resource {
  logicalId: string;
  type: string;
  /** Of this one and no other: a replacement has another one, even where its physical id is the same. */
  incarnation: string;
  physicalId?: string;
  /** Worked out, with the tags of the stack, without dynamic references. */
  properties: Properties;
  attributes: Record<string, unknown>;
  /** Those of the stack that it has. */
  tags: Record<string, string>;
  status: string;
  reason?: string;
  at: number;
  metadata?: unknown;
  dependsOn: string[];
  deletionPolicy: Policy;
  updateReplacePolicy: Policy;
  /** "DeletionPolicy attribute": RetainExceptOnCreate keeps only what is older than the operation that made it. */
  fresh: boolean;
  drift?: Drift;
}

export interface Drift {
  status: 'IN_SYNC' | 'MODIFIED' | 'DELETED' | 'NOT_CHECKED';
  at: number;
  expected: Properties;
  actual?: Properties;
  differences: Difference[];
}

export interface Difference {
  /** `/Tags/0/Value`. */
  path: string;
  expected?: unknown;
  actual?: unknown;
  type: 'ADD' | 'REMOVE' | 'NOT_EQUAL';
}

export interface Output {
  key: string;
  value: string;
  description?: string;
  exportName?: string;
}

export interface Event {
  id: string;
  at: number;
  logicalId: string;
  physicalId?: string;
  type: string;
  status: string;
  reason?: string;
  detailedStatus?: 'CONFIGURATION_COMPLETE' | 'VALIDATION_FAILED';
  properties?: string;
  token?: string;
  operation?: string;
}

/** One thing that is done with a stack, from its request to its end; it goes on when the caller is gone. */
export interface Operation {
  id: string;
  type: 'CREATE_STACK' | 'UPDATE_STACK' | 'DELETE_STACK' | 'ROLLBACK' | 'CONTINUE_ROLLBACK';
  principal: Principal;
  requestId: string;
  token?: string;
  express: boolean;
  /** Of what is under way in it. */
  abort: AbortController;
  /** What somebody asked for meanwhile: its end, or the end of the stack. */
  interrupted?: 'cancelled' | 'superseded';
}

export interface ChangeSet {
  id: string;
  name: string;
  stack: Stack;
  kind: 'CREATE' | 'UPDATE';
  created: number;
  description?: string;
  status: string;
  reason?: string;
  execution: string;
  settings: Settings;
  onStackFailure?: 'DELETE' | 'DO_NOTHING' | 'ROLLBACK';
  /** Of the API. */
  changes: unknown[];
  revertDrift: boolean;
  driftStatus?: string;
  failures: { logicalId: string; type: string; physicalId?: string; path: string; message: string; name: string }[];
}
