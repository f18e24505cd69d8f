import type { Stack, Template } from '../../../cdk/model.ts';
import type { Plan } from '../../../pipeline/mod.ts';
import { account } from './input.ts';

/** What somebody does to something, as IAM is asked for it. */
export interface Ask {
  action: string;
  resource: string;
  context?: Record<string, string>;
}

const arn = (service: string, resource: string) =>
  `arn:${account.partition}:${service}:${account.region}:${account.id}:${resource}`;

/** What AWS would call a resource of a template. */
export function arnOf(template: Template, id: string): string {
  const { Type, Properties = {} } = template.Resources[id]!;
  switch (Type) {
    case 'AWS::SNS::Topic':
      return arn('sns', String(Properties.TopicName));
    case 'AWS::SQS::Queue':
      return arn('sqs', String(Properties.QueueName));
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${Properties.BucketName}`;
    case 'AWS::Logs::LogGroup':
      return arn('logs', `log-group:${Properties.LogGroupName}:*`);
    case 'AWS::SecretsManager::Secret':
      return arn('secretsmanager', `secret:${Properties.Name}-AbCdEf`);
    default:
      return arn('made', `${Type}/${id}`);
  }
}

/** The same value with everything in it that CloudFormation would fill in. */
export function resolved(template: Template, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(template, one));
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner] = ['', undefined], ...more] = Object.entries(value);
  if (more.length === 0 && key === 'Ref') return arnOf(template, String(inner));
  if (more.length === 0 && key === 'Fn::GetAtt') return arnOf(template, String((inner as string[])[0]));
  if (more.length === 0 && key === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map((part) => resolved(template, part)).join(separator);
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(template, one)]));
}

const consume = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];

/** By the reference of the API of buckets: what each operation asks of S3, on an object or on the bucket. */
const ofBuckets: Record<string, { object?: string[]; versions?: string[]; bucket?: string[] }> = {
  list: { bucket: ['s3:ListBucket'] },
  attributes: { object: ['s3:GetObject'], versions: ['s3:GetObjectVersion'] },
  download: { object: ['s3:GetObject'], versions: ['s3:GetObjectVersion'] },
  'sign-download': { object: ['s3:GetObject'], versions: ['s3:GetObjectVersion'] },
  upload: { object: ['s3:AbortMultipartUpload', 's3:PutObject'] },
  'sign-upload': { object: ['s3:PutObject'] },
  remove: { object: ['s3:DeleteObject'], versions: ['s3:DeleteObjectVersion'] },
  'public-url': {},
};

/** What the code of each process asks of AWS when it runs, from the Graph alone. */
export function asksOfProcesses({ template, meanings }: Stack, plan: Plan): Record<string, Ask[]> {
  const called = (subject: string) => {
    const [id] = Object.entries(meanings).find(([, meaning]) => meaning.subject === subject) ?? [];
    if (id === undefined) throw new Error(`nothing is called ${subject}`);
    return arnOf(template, id);
  };
  const on = (resource: string, actions: string[]) => actions.map((action): Ask => ({ action, resource }));
  const asked = plan.permissions.flatMap(({ process, resource, operations }) => {
    if (resource.kind === 'topic') return [{ process, asks: on(called(`topic ${resource.name}`), ['sns:Publish']) }];
    if (resource.kind === 'subscription')
      return [{ process, asks: on(called(`queue of ${resource.topic} → ${resource.name}`), consume) }];
    if (resource.kind !== 'bucket') return [];
    const bucket = called(`bucket ${resource.name}`);
    const { versioned } = plan.buckets.find(({ name }) => name === resource.name)!;
    const asks = operations.flatMap((operation) => {
      const { object = [], versions = [], bucket: whole = [] } = ofBuckets[operation]!;
      return [
        ...on(bucket, whole).map((ask) => ({ ...ask, context: { 's3:prefix': 'a/' } })),
        ...on(`${bucket}/a/b.txt`, versioned ? [...object, ...versions] : object),
      ];
    });
    return [{ process, asks }];
  });
  const woken = plan.cronJobs.map(
    ({ service }) => plan.processes.find(({ services }) => services.includes(service))!.name,
  );
  return Object.fromEntries(
    plan.processes.map(({ name }) => [
      name,
      [
        ...asked.filter(({ process }) => process === name).flatMap(({ asks }) => asks),
        ...(woken.includes(name) ? on(called(`cron jobs of ${name}`), consume) : []),
      ],
    ]),
  );
}

interface Container {
  Image: string;
  Secrets?: { ValueFrom: unknown }[];
}

/** What ECS asks of AWS to start each task, from its definition: by the id of the role that it does so with. */
export function asksOfStarts({ template }: Stack): Record<string, Ask[]> {
  const logs = Object.keys(template.Resources).find((id) => template.Resources[id]!.Type === 'AWS::Logs::LogGroup')!;
  const stream = arnOf(template, logs).replace(':*', ':log-stream:a/b/c');
  return Object.fromEntries(
    Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition')
      .map(({ Properties = {} }) => {
        const containers = Properties.ContainerDefinitions as Container[];
        const role = (Properties.ExecutionRoleArn as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0]!;
        const asks: Ask[] = [
          { action: 'ecr:GetAuthorizationToken', resource: '*' },
          ...containers.flatMap(({ Image }) => {
            const name = /^[^/]+\/(.+)@sha256:/.exec(Image)![1]!;
            return ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'].map(
              (action) => ({
                action,
                resource: arn('ecr', `repository/${name}`),
              }),
            );
          }),
          { action: 'logs:CreateLogStream', resource: stream },
          { action: 'logs:PutLogEvents', resource: stream },
          ...containers.flatMap(({ Secrets = [] }) =>
            Secrets.map(({ ValueFrom }) => ({
              action: 'secretsmanager:GetSecretValue',
              // An ARN has seven parts; key, stage and version come after it.
              resource: String(resolved(template, ValueFrom)).split(':').slice(0, 7).join(':'),
            })),
          ),
        ];
        return [role, asks];
      }),
  );
}
