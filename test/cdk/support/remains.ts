import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { RDS } from '@aws-sdk/client-rds';
import type { ResourceGroupsTaggingAPI } from '@aws-sdk/client-resource-groups-tagging-api';
import { openClients } from '../../../cdk/clients.ts';
import type { Environment } from '../../../pipeline/mod.ts';
import type { FakeAws } from '../../fakes/aws/fake.ts';
import type { Rds } from '../../fakes/aws/services/rds/rds.ts';

/** What is there of an environment, by its tags and by its names, on database servers, too. */
export async function remains(aws: FakeAws, environment: Environment): Promise<string[]> {
  const { application, name } = environment;
  const clients = openClients(aws.env);
  try {
    const prefix = `${application}_${name.replaceAll('-', '_')}_`;
    return [...(await remainsInAccount(aws, environment)), ...(await onServers(aws, await clients.rds(), prefix))];
  } finally {
    await clients.close();
  }
}

/** The same without what is on database servers, which are not asked. */
export async function remainsInAccount(aws: FakeAws, { application, name }: Environment): Promise<string[]> {
  const clients = openClients(aws.env);
  try {
    const [cloudFormation, tags, ecs, ssm, secrets, logs] = await Promise.all([
      clients.cloudFormation(),
      clients.tags(),
      clients.ecs(),
      clients.ssm(),
      clients.secrets(),
      clients.logs(),
    ]);
    const own = `${application}-${name}-`;
    const stacks = await stacksOf(cloudFormation, `fairlead-${application}-${name}`);
    // Asked for a family, ECS wants its whole name.
    const revisions = await Promise.all(
      (['ACTIVE', 'INACTIVE'] as const).map((status) => ecs.listTaskDefinitions({ status })),
    );
    const { Parameters = [] } = await ssm.describeParameters({});
    const { SecretList = [] } = await secrets.listSecrets({ IncludePlannedDeletion: true });
    const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: `/fairlead/${application}/${name}` });
    return [
      ...stacks,
      ...(await taggedAs(tags, { application, name })),
      ...revisions
        .flatMap(({ taskDefinitionArns = [] }) => taskDefinitionArns)
        .filter((arn) => arn.includes(`:task-definition/${own}`)),
      ...Parameters.map(({ Name = '' }) => Name).filter((one) => one.startsWith(`/fairlead/${application}/${name}/`)),
      ...SecretList.map(({ Name = '' }) => Name).filter((one) => one.startsWith(`fairlead/${application}/${name}/`)),
      ...logGroups.map(({ logGroupName = '' }) => logGroupName),
    ];
  } finally {
    await clients.close();
  }
}

async function stacksOf(cloudFormation: CloudFormation, name: string): Promise<string[]> {
  const { Stacks = [] } = await cloudFormation.describeStacks({});
  return Stacks.filter(({ StackName, StackStatus }) => StackName === name && StackStatus !== 'DELETE_COMPLETE').map(
    ({ StackName, StackStatus }) => `stack ${StackName} ${StackStatus}`,
  );
}

async function taggedAs(
  tags: ResourceGroupsTaggingAPI,
  { application, name }: { application: string; name: string },
): Promise<string[]> {
  const { ResourceTagMappingList = [] } = await tags.getResources({
    TagFilters: [
      { Key: 'fairlead:app', Values: [application] },
      { Key: 'fairlead:environment', Values: [name] },
    ],
  });
  return ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN);
}

/** Databases and roles whose names say that they are the environment's. */
async function onServers({ world }: FakeAws, rds: RDS, prefix: string): Promise<string[]> {
  const { DBInstances = [] } = await rds.describeDBInstances({});
  const found: string[] = [];
  for (const { DBInstanceIdentifier = '' } of DBInstances) {
    const server = world.service<Rds>('rds').serverOf(DBInstanceIdentifier);
    const rows = await server?.run(
      'postgres',
      `SELECT name FROM (SELECT datname::text AS name FROM pg_database UNION ALL SELECT rolname::text FROM pg_roles) AS names
       WHERE starts_with(name, '${prefix}')`,
    );
    found.push(...(rows ?? []).map((row) => `${DBInstanceIdentifier}: ${row.name}`));
  }
  return found;
}
