import type { Destroyed, Environment, Reporter } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import { awsError, isDenied, isMissing, unless, unlessMissing } from '../errors.ts';
import { tagNames } from '../model.ts';
import { foundationStackName } from '../names.ts';
import { environmentStacks } from '../read.ts';
import { awsSettings, classOf } from '../settings.ts';
import { deleteStack } from '../stacks/delete.ts';
import { listResources, readStack, type StackResource } from '../stacks/read.ts';
import { settle } from '../stacks/update.ts';
import { attempt } from './attempt.ts';

/**
 * Takes away what lies under all environments of a type.
 * @throws UserError FL7210 while an environment is there that stands on it
 */
export async function destroyFoundation(
  aws: Aws,
  application: string,
  type: Environment['type'],
  report: Reporter,
): Promise<Destroyed> {
  const outcome: Destroyed = { removed: [], left: [] };
  const settings = awsSettings(aws.written({ application, name: type, type }), { application, type });
  const name = foundationStackName(settings.foundation, classOf(type));
  const standing = (await environmentStacks(aws)).filter(
    ({ tags }) => tags[tagNames.foundation] === settings.foundation && tags[tagNames.type] === type,
  );
  if (standing.length > 0) {
    const names = standing.map(({ tags }) => `${tags[tagNames.environment]} of ${tags[tagNames.application]}`);
    throw awsError(
      'FL7210',
      `${names.join(', ')} still ${names.length === 1 ? 'stands' : 'stand'} on it`,
      'Remove these environments first, with fairlead destroy.',
    );
  }
  await settle(aws, name);
  if (!(await readStack(aws.clients, name))) return outcome;
  const resources = await listResources(aws.clients, name);
  await liftProtection(aws, resources, outcome);
  if (outcome.left.length > 0) return outcome;
  await attempt(outcome, `stack ${name}`, () =>
    report.step(`Delete the stack ${name}`, async () => {
      const left = await deleteStack(aws, name, report);
      for (const { logicalId, type: kind, physicalId, reason } of left)
        outcome.left.push({
          what: `${kind} ${physicalId ?? logicalId}`,
          why: reason ?? 'CloudFormation does not say why',
        });
      return [`stack ${name}`];
    }),
  );
  const kept = await lastSnapshots(aws, resources);
  return { ...outcome, ...(kept.length > 0 && { kept }) };
}

/** What database servers leave, and costs until somebody deletes it. Who may not look is not told. */
async function lastSnapshots({ clients }: Aws, resources: readonly StackResource[]): Promise<string[]> {
  const rds = await clients.rds();
  const servers = resources.flatMap(({ type, physicalId }) =>
    type === 'AWS::RDS::DBInstance' && physicalId !== undefined ? [physicalId] : [],
  );
  const found = await Promise.all(
    servers.map(async (DBInstanceIdentifier) => {
      const asked = rds.describeDBSnapshots({ DBInstanceIdentifier, SnapshotType: 'manual' });
      const answer = await unless(asked, (error) => isDenied(error) || isMissing(error));
      return (answer?.DBSnapshots ?? []).map(
        (one) => `snapshot ${one.DBSnapshotIdentifier} of the database server ${DBInstanceIdentifier}`,
      );
    }),
  );
  return found.flat().sort();
}

/** What AWS keeps from being deleted, and its owner wants gone. */
async function liftProtection(
  { clients }: Aws,
  resources: readonly StackResource[],
  outcome: Destroyed,
): Promise<void> {
  const [rds, balancers] = await Promise.all([clients.rds(), clients.balancers()]);
  const lifts: Record<string, (id: string) => Promise<unknown>> = {
    'AWS::RDS::DBInstance': (id) =>
      rds.modifyDBInstance({ DBInstanceIdentifier: id, DeletionProtection: false, ApplyImmediately: true }),
    'AWS::ElasticLoadBalancingV2::LoadBalancer': (id) =>
      balancers.modifyLoadBalancerAttributes({
        LoadBalancerArn: id,
        Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }],
      }),
  };
  for (const { type, physicalId } of resources) {
    const lift = lifts[type];
    if (!lift || physicalId === undefined) continue;
    await attempt(outcome, `protection of ${physicalId}`, async () => {
      await unlessMissing(lift(physicalId));
      return [];
    });
  }
}
