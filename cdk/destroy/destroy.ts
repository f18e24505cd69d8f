import type { Destroyed, Environment, Reporter } from '../../pipeline/mod.ts';
import { releaseFoundation } from '../apply/foundation.ts';
import { revisionsOf } from '../apply/revisions.ts';
import type { Aws } from '../aws.ts';
import { unlessMissing } from '../errors.ts';
import { readFoundation } from '../foundation/facts.ts';
import { removeTags } from '../images/repository.ts';
import { type AppOutputs, type AwsSettings, type FoundationFacts, tagNames } from '../model.ts';
import { foundationStackName, physicalName, stackName } from '../names.ts';
import { needsKey } from '../needs.ts';
import { removeNote } from '../notes.ts';
import { endCreation } from '../rollout/end-creation.ts';
import { settleBack } from '../rollout/pauses.ts';
import { provision } from '../rollout/provision.ts';
import { awsSettings, classOf } from '../settings.ts';
import { deleteStack } from '../stacks/delete.ts';
import { listResources, readStack, type StackResource, type StackState } from '../stacks/read.ts';
import { protect } from '../stacks/update.ts';
import { attempt } from './attempt.ts';
import { emptyBucket } from './buckets.ts';
import { removeBucket, removeLeftover, removeLogGroup, removeRevision, removeSecret, tagged } from './leftovers.ts';
import { stopServices } from './services.ts';

/** What of an environment's stack is known before it goes. */
interface Known {
  stack: StackState;
  resources: StackResource[];
  outputs: Partial<AppOutputs>;
}

/**
 * Removes every trace of an environment, also of one that was never finished or half removed. Each step looks at what is really there.
 * As long as what only the stack can still reach is left, the stack stays, and the environment is listed.
 */
export async function destroy(aws: Aws, environment: Environment, report: Reporter): Promise<Destroyed> {
  const outcome: Destroyed = { removed: [], left: [] };
  const known = await readKnown(aws, environment, report);
  if (known) {
    await emptyOut(aws, known, environment, outcome, report);
    if (outcome.left.length > 0) return outcome;
    await removeStack(aws, known, environment, outcome, report);
  }
  await report.step('Remove what is left', () => sweep(aws, known, environment, outcome));
  return outcome;
}

async function readKnown(aws: Aws, environment: Environment, report: Reporter): Promise<Known | undefined> {
  const { clients } = aws;
  const name = stackName(environment);
  if (!(await readStack(clients, name))) return undefined;
  await report.step('Wait for what is under way', async () => {
    await endCreation(aws, { name, meanings: {} }, report);
    await settleBack(aws, name);
  });
  const stack = await readStack(clients, name);
  if (!stack) return undefined;
  // What goes at its owner's wish is not to be kept from it.
  if (stack.protected) await protect(clients, name, false);
  return { stack, resources: await listResources(clients, name), outputs: stack.outputs };
}

/** What would keep the stack from going, and what only its own tasks can take away. */
async function emptyOut(
  aws: Aws,
  { stack, resources, outputs }: Known,
  environment: Environment,
  outcome: Destroyed,
  report: Reporter,
): Promise<void> {
  await attempt(outcome, 'processes', () =>
    report.step('Stop processes', () => stopServices(aws, stack.name, resources)),
  );
  const { ProvisionTaskDefinition: taskDefinition } = outputs;
  if (taskDefinition !== undefined)
    await attempt(outcome, 'databases and roles', async () => {
      const network = await foundationOf(aws, stack, environment);
      // Without what lies under it there is no server, either.
      if (!network) return [];
      const dropped = await report.step('Drop databases and roles', () =>
        provision(aws, { taskDefinition, network, tags: stack.tags }, 'drop'),
      );
      return dropped.map((database) => `database ${database}`);
    });
  for (const bucket of ofType(resources, 'AWS::S3::Bucket'))
    await attempt(outcome, `bucket ${bucket}`, () =>
      report.step(`Empty the bucket ${bucket}`, async () => {
        await emptyBucket(aws, bucket);
        return [];
      }),
    );
}

async function removeStack(
  aws: Aws,
  { stack, resources }: Known,
  { type }: Environment,
  outcome: Destroyed,
  report: Reporter,
): Promise<void> {
  await attempt(outcome, `stack ${stack.name}`, () =>
    report.step('Delete the stack', async () => {
      const left = await deleteStack(aws, stack.name, report, {
        express: type === 'preview',
        // Whoever still wrote may have filled a bucket again.
        help: async (stuck) => {
          for (const bucket of ofType(stuck, 'AWS::S3::Bucket')) await emptyBucket(aws, bucket);
        },
      });
      for (const { logicalId, type: kind, physicalId, reason } of left)
        outcome.left.push({
          what: `${kind} ${physicalId ?? logicalId}`,
          why: reason ?? 'CloudFormation could not delete it, and does not say why',
        });
      const gone = resources.length - left.length;
      return [`stack ${stack.name}`, ...(gone > 0 ? [`${gone} resources of it`] : [])];
    }),
  );
}

/** What stacks leave behind, and what never was in one. */
async function sweep(aws: Aws, known: Known | undefined, environment: Environment, outcome: Destroyed): Promise<void> {
  const { clients } = aws;
  const { application, name, type } = environment;
  const resources = known?.resources ?? [];
  const each = async (kind: string, names: string[], remove: (name: string) => Promise<boolean>) => {
    for (const one of names)
      await attempt(outcome, `${kind} ${one}`, async () => ((await remove(one)) ? [`${kind} ${one}`] : []));
  };
  await each('bucket', ofType(resources, 'AWS::S3::Bucket'), (bucket) => removeBucket(aws, bucket));
  await each('secret', ofType(resources, 'AWS::SecretsManager::Secret'), (id) => removeSecret(clients, id));
  await each('log group', ofType(resources, 'AWS::Logs::LogGroup'), (group) => removeLogGroup(clients, group));
  await attempt(outcome, 'task definitions', () => removeRevisions(aws, environment));
  for (const note of ['schema', 'grants'] as const)
    await attempt(outcome, `parameter of the ${note}`, async () =>
      (await removeNote(clients, environment, note)) ? [`parameter of the ${note} of ${name}`] : [],
    );
  if (type === 'preview')
    await attempt(outcome, 'tags of images', async () => {
      const count = (await unlessMissing(removeTags(clients, application, name))) ?? 0;
      return count > 0 ? [`${count} tags of images of ${name}`] : [];
    });
  for (const leftover of await tagged(aws, environment))
    await attempt(outcome, leftover.arn, async () => {
      const removed = await removeLeftover(aws, leftover);
      // Of what a stack has just deleted, AWS goes on telling for a while.
      if (removed === undefined && !known)
        throw new Error("it is tagged as the environment's, and has to be removed by hand");
      return removed ? [leftover.arn] : [];
    });
  if (known)
    await attempt(outcome, 'what lies under it', async () => {
      await giveBack(aws, environment, known.stack);
      return [];
    });
}

/**
 * Every revision that is tagged as the environment's, also of processes that it had once: CloudFormation only takes them out of use. Names
 * alone would not do, since those of `staging` begin like those of `staging-two`.
 */
async function removeRevisions({ clients }: Aws, { application, name }: Environment): Promise<string[]> {
  const ecs = await clients.ecs();
  const familyPrefix = physicalName('family', application, name).slice(0, -'-01234567'.length);
  let count = 0;
  let nextToken: string | undefined;
  do {
    const page = await ecs.listTaskDefinitionFamilies({ familyPrefix, status: 'ALL', ...(nextToken && { nextToken }) });
    for (const family of page.families ?? [])
      for (const status of ['ACTIVE', 'INACTIVE'] as const)
        for (const arn of await revisionsOf(clients, family, status))
          if ((await isTagged(clients, arn, { application, name })) && (await removeRevision(clients, arn))) count += 1;
    ({ nextToken } = page);
  } while (nextToken);
  return count > 0 ? [`${count} revisions of task definitions`] : [];
}

async function isTagged(
  clients: Aws['clients'],
  taskDefinition: string,
  { application, name }: Pick<Environment, 'application' | 'name'>,
): Promise<boolean> {
  const ecs = await clients.ecs();
  const { tags = [] } = await ecs.describeTaskDefinition({ taskDefinition, include: ['TAGS'] });
  const tagOf = (wanted: string) => tags.find(({ key }) => key === wanted)?.value;
  return tagOf(tagNames.application) === application && tagOf(tagNames.environment) === name;
}

async function foundationOf(aws: Aws, stack: StackState, { type }: Environment): Promise<FoundationFacts | undefined> {
  const foundation = stack.tags[tagNames.foundation];
  const state = foundation && (await readStack(aws.clients, foundationStackName(foundation, classOf(type))));
  return state ? readFoundation(state.outputs) : undefined;
}

/** Previews share what they need of the Foundation, so that it stays for the next one. */
async function giveBack(aws: Aws, environment: Environment, stack: StackState): Promise<void> {
  const settings: AwsSettings = {
    ...awsSettings(aws.written(environment), environment),
    ...(stack.tags[tagNames.foundation] && { foundation: stack.tags[tagNames.foundation]! }),
  };
  if (environment.type === 'preview' && settings.databases === 'shared') return;
  await releaseFoundation(aws, { environment, settings, key: needsKey({ environment }, settings) }, quiet);
}

const quiet: Reporter = { step: (_title, work) => work(), info: () => {}, warn: () => {} };

function ofType(resources: readonly StackResource[], wanted: string): string[] {
  return resources.flatMap(({ type, physicalId }) => (type === wanted && physicalId !== undefined ? [physicalId] : []));
}
