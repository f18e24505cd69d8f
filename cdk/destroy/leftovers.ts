import type { Aws } from '../aws.ts';
import { codeOf, unless, unlessMissing } from '../errors.ts';
import { type Environment, tagNames } from '../model.ts';
import { emptyBucket } from './buckets.ts';

type Place = Pick<Aws, 'clients' | 'account'>;

/** Something of an environment that no stack knows of, found by its tags. */
export interface Leftover {
  arn: string;
  tags: Record<string, string>;
}

/** Everything that is tagged as an environment's, of one or of all. Some of it may be gone a while already. */
export async function tagged({ clients }: Pick<Aws, 'clients'>, environment?: Environment): Promise<Leftover[]> {
  const tags = await clients.tags();
  const filters = [
    { Key: tagNames.environment, ...(environment && { Values: [environment.name] }) },
    ...(environment ? [{ Key: tagNames.application, Values: [environment.application] }] : []),
  ];
  const found: Leftover[] = [];
  let PaginationToken: string | undefined;
  do {
    const page = await tags.getResources({ TagFilters: filters, ...(PaginationToken && { PaginationToken }) });
    for (const { ResourceARN, Tags = [] } of page.ResourceTagMappingList ?? [])
      found.push({ arn: ResourceARN!, tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key!, Value!])) });
    PaginationToken = page.PaginationToken || undefined;
  } while (PaginationToken);
  return found;
}

/** How things are removed, by service and kind of their ARN. Each answers whether it was there. */
const removers: Record<string, (aws: Place, arn: string) => Promise<boolean>> = {
  async s3(aws, arn) {
    return removeBucket(aws, arn.split(':').at(-1)!);
  },
  async sqs({ clients }, arn) {
    const sqs = await clients.sqs();
    const url = await unlessMissing(sqs.getQueueUrl({ QueueName: arn.split(':').at(-1)! }));
    if (!url?.QueueUrl) return false;
    return (await unlessMissing(sqs.deleteQueue({ QueueUrl: url.QueueUrl }))) !== undefined;
  },
  async 'logs:log-group'({ clients }, arn) {
    return removeLogGroup(clients, arn.split(':')[6]!);
  },
  async 'secretsmanager:secret'({ clients }, arn) {
    return removeSecret(clients, arn);
  },
  async 'ssm:parameter'({ clients }, arn) {
    const ssm = await clients.ssm();
    const Name = arn.slice(arn.indexOf(':parameter/') + ':parameter'.length);
    return (await unlessMissing(ssm.deleteParameter({ Name }))) !== undefined;
  },
  async 'ecs:task-definition'({ clients }, arn) {
    return removeRevision(clients, arn);
  },
};

/** Whether it was there; undefined when nobody here knows how to remove such a thing. */
export async function removeLeftover(aws: Place, { arn }: Leftover): Promise<boolean | undefined> {
  const [, , service = '', , , rest = ''] = arn.split(':');
  const kind = rest.split('/')[0]!;
  const remove = removers[`${service}:${kind}`] ?? removers[service];
  return remove?.(aws, arn);
}

export async function removeBucket(aws: Place, Bucket: string): Promise<boolean> {
  const count = await emptyBucket(aws, Bucket);
  if (count === undefined) return false;
  const s3 = await aws.clients.s3();
  return (await unlessMissing(s3.deleteBucket({ Bucket }))) !== undefined;
}

export async function removeLogGroup(clients: Aws['clients'], logGroupName: string): Promise<boolean> {
  const logs = await clients.logs();
  return (await unlessMissing(logs.deleteLogGroup({ logGroupName }))) !== undefined;
}

/** At once: its name would not be free for some days else, and the environment could not be made again. */
export async function removeSecret(clients: Aws['clients'], SecretId: string): Promise<boolean> {
  const secrets = await clients.secrets();
  if (!(await unlessMissing(secrets.describeSecret({ SecretId })))) return false;
  return (await unlessMissing(secrets.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true }))) !== undefined;
}

/** Out of use, then gone: else a revision stays for ever. */
export async function removeRevision(clients: Aws['clients'], taskDefinition: string): Promise<boolean> {
  const ecs = await clients.ecs();
  const notThere = (error: unknown) => ['ClientException', 'InvalidParameterException'].includes(codeOf(error) ?? '');
  const described = await unless(ecs.describeTaskDefinition({ taskDefinition }), notThere);
  const status = described?.taskDefinition?.status;
  if (status === undefined || status === 'DELETE_IN_PROGRESS') return false;
  if (status === 'ACTIVE') await ecs.deregisterTaskDefinition({ taskDefinition });
  await unless(ecs.deleteTaskDefinitions({ taskDefinitions: [taskDefinition] }), notThere);
  return true;
}
