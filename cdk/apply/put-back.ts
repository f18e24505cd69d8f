import type { Environment, Reporter } from '../../pipeline/mod.ts';
import { unhealthy } from '../../pipeline/refusals/unhealthy.ts';
import type { Aws } from '../aws.ts';
import { ownerOf } from '../deployed.ts';
import { emptyBucket } from '../destroy/buckets.ts';
import { unless } from '../errors.ts';
import type { AppOutputs, FoundationFacts, Stack, Template } from '../model.ts';
import { removeNote } from '../notes.ts';
import { repairStack } from '../repair/repair.ts';
import { isInit } from '../rollout/ending.ts';
import { migrationsOfTask } from '../rollout/migrate.ts';
import { settleBack } from '../rollout/pauses.ts';
import { describeServices, isSteady, servicesOf } from '../rollout/services.ts';
import { RolloutFailed } from '../rollout/watch.ts';
import { dataNotesOf } from '../stacks/data-notes.ts';
import { deleteStack } from '../stacks/delete.ts';
import { readStack, readTemplate, type StackResource, type StackState } from '../stacks/read.ts';
import { leadRequests } from '../stacks/routes.ts';
import { phaseOf } from '../stacks/status.ts';
import { updateStack } from '../stacks/update.ts';
import { explainStack } from './explain.ts';
import { outputOf, Refused } from './roll-out.ts';

/** What there was before anything changed. */
export interface Before {
  state: StackState;
  template: Template;
}

/** What is to be put back, and into what. */
export interface PutBack {
  stack: Stack;
  before: Before | undefined;
  foundation: FoundationFacts;
  express: boolean;
  /** What a first release leaves: everything that does not run. */
  empty: Template;
}

/** Lines of a log that are shown. */
const shown = 20;

/** What went wrong, in the words of whoever deploys: with the last lines of the task that it began with. */
export async function explain(
  aws: Aws,
  error: unknown,
  { environment, stack, former }: { environment: Environment; stack: Pick<Stack, 'meanings'>; former: boolean },
): Promise<unknown> {
  if (error instanceof Refused) return error.cause;
  if (!(error instanceof RolloutFailed)) return explainStack(error, stack.meanings);
  const { process, ending, task } = error;
  const { container } = ending;
  // Init containers of a preview say for themselves what is wrong with the databases.
  if (task && isInit(container))
    return migrationsOfTask(aws, task, environment).then(
      () => error,
      (refusal: unknown) => refusal,
    );
  const output = error.output ?? (await outputOf(aws, error));
  return unhealthy({ process, reason: ending.reason, output: output.slice(-shown), former }, environment);
}

/**
 * Brings back what there was, as far as CloudFormation has not done so itself; after a first release that was refused, nothing is left
 * running. Resolves when the former release answers.
 */
export async function putBack(
  aws: Aws,
  { stack, before, foundation, express, empty }: PutBack,
  report: Reporter,
): Promise<void> {
  const { clients } = aws;
  await settleBack(aws, stack.name);
  const now = await readStack(clients, stack.name);
  if (!now) return;
  if (phaseOf(now.status) === 'stuck') await repairStack(aws, stack.name, report);
  const release = (before?.state.outputs as Partial<AppOutputs> | undefined)?.Release;
  const dead = ['dead', 'empty'].includes(phaseOf(now.status));
  const { environment } = ownerOf(stack)!;
  const target = release === undefined ? empty : before!.template;
  if (dead || Object.keys(target.Resources).length === 0) {
    await deleteStack(aws, stack.name, report, {
      express,
      meanings: stack.meanings,
      // Its processes may have written already; a bucket that stayed would have the name of the next one.
      ...(environment.type === 'preview' && { help: (stuck) => emptyBuckets(aws, stuck) }),
    });
    // Nothing would lead to it any more.
    for (const note of ['schema', 'grants'] as const) await removeNote(clients, environment, note);
    return;
  }
  if (JSON.stringify(await readTemplate(clients, stack.name)) !== JSON.stringify(target))
    await updateStack(
      aws,
      {
        ...stack,
        template: target,
        tags: release === undefined ? stack.tags : before!.state.tags,
        meanings: { ...dataNotesOf(target), ...stack.meanings },
      },
      report,
      { express },
    );
  if (release === undefined) return;
  await waitForFormer(aws, foundation.clusterName, before!.state.outputs as Partial<AppOutputs>);
  // A way back of CloudFormation writes what its template says, and a canary may have been further by then.
  await leadRequests(clients, stack.name);
}

async function emptyBuckets(aws: Aws, resources: readonly StackResource[]): Promise<void> {
  for (const { type, physicalId } of resources)
    if (type === 'AWS::S3::Bucket' && physicalId !== undefined) await emptyBucket(aws, physicalId);
}

/** Looks that it is waited at most, at one a second. */
const patience = 900;

async function waitForFormer(aws: Aws, cluster: string, { Services }: Partial<AppOutputs>): Promise<void> {
  const wanted = servicesOf(Services);
  for (let left = patience; left > 0; left--) {
    const found = await unless(describeServices(aws.clients, cluster, wanted), () => false);
    const services = Object.values(found ?? {});
    if (services.length === Object.keys(wanted).length && services.every(isSteady)) return;
    await aws.time.wait(1_000);
  }
}
