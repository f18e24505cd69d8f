import type { Foresight, Plan } from '../../pipeline/mod.ts';
import { costOf } from '../cost/cost.ts';
import type { Stack, Template } from '../model.ts';
import { changesOf, type Replacement } from './changes.ts';
import { deployerChanges } from './deployer-changes.ts';
import { limitsOf } from './limits.ts';
import { pendingOf } from './migrations.ts';
import { permissionChanges } from './permission-changes.ts';

/** One stack as it is and as it is to be. */
export interface ForeseenStack {
  part: 'foundation' | 'environment';
  next: Stack;
  /** As it is deployed; absent when the stack is not there. */
  deployed?: Template;
  /** What CloudFormation itself says of replacements, by logical id, where it was asked. */
  replacements?: Record<string, Replacement>;
}

export interface ForesightInput {
  plan: Plan;
  region: string;
  /** The environment's stack, and that of its Foundation. */
  stacks: readonly ForeseenStack[];
  /** Per database the newest applied migration; a database that is not there has none. */
  schema: Readonly<Record<string, number>>;
}

/** What applying a plan would do, from what is deployed and what would be. Pure. */
export function foresight({ plan, region, stacks, schema }: ForesightInput): Foresight {
  const of = (part: ForeseenStack['part']) => stacks.find((stack) => stack.part === part);
  const [foundation, environment] = [of('foundation'), of('environment')];
  return {
    resources: stacks.flatMap(changesOf),
    permissions: [...stacks.flatMap((stack) => permissionChanges(stack, plan)), ...deployerChanges(stacks)],
    cost: {
      before: costOf({
        region,
        ...(foundation?.deployed && { foundation: foundation.deployed }),
        ...(environment?.deployed && { environment: environment.deployed }),
      }),
      after: costOf({
        region,
        ...(foundation && { foundation: foundation.next.template }),
        ...(environment && { environment: environment.next.template }),
      }),
    },
    limits: stacks.flatMap(({ next }) => limitsOf(next)),
    migrations: pendingOf(plan, schema),
  };
}
