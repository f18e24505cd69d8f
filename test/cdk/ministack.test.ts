import { type Change, CloudFormation, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import { readFoundation } from '../../cdk/foundation/facts.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { Template } from '../../cdk/model.ts';
import { makeFakeAws } from '../fakes/aws/fake.ts';
import type { Route53 } from '../fakes/aws/services/route53/route53.ts';
import type { AwsJudge } from '../support/aws-judges.ts';
import { ministack, startMinistack } from '../support/ministack.ts';
import { stories } from './support/stories.ts';

// What is synthesized goes through the CloudFormation of somebody else too, and both say the same of it: neither is right by being ours.

/** What ministack has no handler for. */
const unknown = new Set([
  'AWS::ApiGatewayV2::VpcLink',
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::EC2::EIP',
  'AWS::EC2::NatGateway',
  'AWS::EC2::SecurityGroupIngress',
]);

/** Alarms of what is computed, and the secret that RDS makes for its master, are not known there either. */
function isUnknown({ Type, Properties }: Template['Resources'][string]): boolean {
  return unknown.has(Type) || (Type === 'AWS::CloudWatch::Alarm' && Properties?.Metrics !== undefined);
}

/** What both know, with a name for what is left out. */
function common(template: Template): Template {
  const left = Object.entries(template.Resources).filter(([, resource]) => isUnknown(resource));
  const gone = new Set(left.map(([id]) => id));
  const kept = Object.entries(template.Resources).filter(([id]) => !gone.has(id));
  const text = JSON.stringify({ ...template, Resources: Object.fromEntries(kept) });
  const copy = JSON.parse(text, (_key, value) => (refersTo(value, gone) ? 'left-out' : value)) as Template;
  for (const resource of Object.values(copy.Resources)) {
    if (Array.isArray(resource.DependsOn)) resource.DependsOn = resource.DependsOn.filter((id) => !gone.has(id));
  }
  return copy;
}

function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  const { Ref, 'Fn::GetAtt': got } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return ids.has(Ref ?? got?.[0] ?? '') || got?.[1] === 'MasterUserSecret.SecretArn';
}

/** Services run no task, since there is no image, and nothing is kept, so that all of it goes again. */
function mortal(template: Template): Template {
  const copy = structuredClone(template);
  for (const resource of Object.values(copy.Resources)) {
    resource.DeletionPolicy = 'Delete';
    const properties: Record<string, unknown> = resource.Properties ?? {};
    if (resource.Type === 'AWS::ECS::Service') {
      properties.DesiredCount = 0;
      // A canary waits for somebody who lets it go on.
      delete properties.DeploymentConfiguration;
    }
    if ('DeletionProtection' in properties) properties.DeletionProtection = false;
    for (const one of (properties.LoadBalancerAttributes ?? []) as { Key: string; Value: string }[])
      if (one.Key === 'deletion_protection.enabled') one.Value = 'false';
  }
  return copy;
}

/** What is another release to the engine: a queue more, an alarm or a schedule less, a log in place, and a queue that has to be another. */
function changed(template: Template): Template {
  const copy = structuredClone(template);
  const entries = Object.entries(copy.Resources);
  const [log] = entries.find(([, { Type }]) => Type === 'AWS::Logs::LogGroup')!;
  const [queue] = entries.find(([id]) => id.startsWith('CronQueue'))!;
  const [alone] = entries.find(([, { Type }]) => /::(Alarm|Schedule)$/.test(Type)) ?? [];
  if (alone) delete copy.Resources[alone];
  copy.Resources[log]!.Properties!.RetentionInDays = 400;
  copy.Resources[queue]!.Properties!.QueueName = 'another';
  copy.Resources.Added = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'added', MessageRetentionPeriod: 3600 } };
  return copy;
}

interface Seen {
  status: string;
  failures: string[];
  changes: string[];
  resources: string[];
  outputs: Record<string, string>;
}

/** One AWS, as its CloudFormation tells it. */
class Engine {
  readonly #client: CloudFormation;
  readonly #storage: S3;

  constructor({ endpoint, env }: AwsJudge) {
    const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! };
    const options = { endpoint, region: 'eu-central-1', credentials };
    this.#client = new CloudFormation(options);
    this.#storage = new S3({ ...options, forcePathStyle: true });
  }

  /** Creates or updates by a change set, as the target does. */
  async apply(StackName: string, template: Template, type: 'CREATE' | 'UPDATE'): Promise<Seen> {
    const set = { StackName, ChangeSetName: `set-${type.toLowerCase()}` };
    const asked = { ChangeSetType: type, ...(await this.#written(StackName, JSON.stringify(template))) };
    await this.#client.createChangeSet({ ...set, ...asked, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    const { Changes } = await this.#until(
      () => this.#client.describeChangeSet(set),
      ({ Status }) => Status === 'CREATE_COMPLETE',
    );
    await this.#client.executeChangeSet(set);
    const { StackStatus, Outputs } = await this.#until(
      async () => (await this.#client.describeStacks({ StackName })).Stacks![0]!,
      ({ StackStatus: status }) => /(COMPLETE|FAILED)$/.test(status!) && !/CLEANUP/.test(status!),
    );
    return {
      status: StackStatus!,
      failures: await this.#failures(StackName),
      changes: wordsOf(Changes ?? []),
      resources: await this.#resources(StackName),
      outputs: Object.fromEntries((Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!])),
    };
  }

  async remove(StackName: string): Promise<string> {
    const { StackId } = (await this.#client.describeStacks({ StackName })).Stacks![0]!;
    await this.#client.deleteStack({ StackName });
    const gone = await this.#until(
      async () => (await this.#client.describeStacks({ StackName: StackId })).Stacks![0]!,
      ({ StackStatus }) => /DELETE_(COMPLETE|FAILED)$/.test(StackStatus!),
    );
    return gone.StackStatus!;
  }

  /** A longer one than a request takes goes by way of a bucket. */
  async #written(name: string, text: string): Promise<{ TemplateBody: string } | { TemplateURL: string }> {
    if (text.length <= 51_200) return { TemplateBody: text };
    const object = { Bucket: 'templates', Key: name };
    await this.#storage.createBucket({ Bucket: object.Bucket }).catch((error) => {
      if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
    });
    await this.#storage.putObject({ ...object, Body: text });
    return { TemplateURL: `https://s3.eu-central-1.amazonaws.com/templates/${name}` };
  }

  async #resources(StackName: string): Promise<string[]> {
    const { StackResources = [] } = await this.#client.describeStackResources({ StackName });
    const there = StackResources.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE');
    return there.map(({ LogicalResourceId, ResourceType }) => `${LogicalResourceId} ${ResourceType}`).sort();
  }

  async #failures(StackName: string): Promise<string[]> {
    const failures: string[] = [];
    for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client: this.#client }, { StackName }))
      for (const { LogicalResourceId, ResourceStatus, ResourceStatusReason } of StackEvents)
        if (ResourceStatus?.endsWith('FAILED')) failures.push(`${LogicalResourceId}: ${ResourceStatusReason}`);
    return failures;
  }

  async #until<T>(read: () => Promise<T>, ended: (value: T) => boolean): Promise<T> {
    for (const deadline = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const value = await read();
      if (ended(value)) return value;
      if (Date.now() > deadline) throw new Error(`it has not ended: ${JSON.stringify(value)}`);
    }
  }
}

function wordsOf(changes: readonly Change[]): string[] {
  return changes
    .map(({ ResourceChange: change }) => `${change!.Action} ${change!.LogicalResourceId} ${change!.ResourceType}`)
    .sort();
}

interface Judge extends AwsJudge {
  /** What it can be asked to make. */
  limit(template: Template): Template;
  /** Makes a zone for a domain; answers its id. */
  zone(domain: string): Promise<string>;
}

const judges: [name: string, start: (() => Promise<Judge>) | undefined][] = [
  ['ministack', ministack ? () => startTheirs(ministack!) : undefined],
  ['our own AWS', startOurs],
];

async function startTheirs(python: string): Promise<Judge> {
  const judge = await startMinistack(python);
  // It reads the account from here, and believes it.
  const authorization = `AWS4-HMAC-SHA256 Credential=${judge.env.AWS_ACCESS_KEY_ID}/20260101/eu-central-1/route53/aws4_request`;
  const headers = { authorization };
  const zone = async (domain: string) => {
    const body = `<CreateHostedZoneRequest><Name>${domain}</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>`;
    const answer = await fetch(`${judge.endpoint}/2013-04-01/hostedzone`, { method: 'POST', body, headers });
    return /<Id>\/hostedzone\/(\w+)</.exec(await answer.text())![1]!;
  };
  return { ...judge, limit: common, zone };
}

async function startOurs(): Promise<Judge> {
  const { url, env, world, dispose } = await makeFakeAws();
  const zone = async (domain: string) => world.service<Route53>('route53').addZone({ account: '123456789012' }, domain);
  return { endpoint: url, env, stop: dispose, limit: (template) => template, zone };
}

const told = await stories();

/** What each says that the second release would change, by story. */
const foreseen: Record<string, Record<string, string[]>> = {};

/** The second release, by story. */
const templates: Record<string, Template> = {};

describe.each(judges)('%s', (judgeName, start) => {
  const play = start ? test : test.skip;
  let aws: Judge;
  let engine: Engine;
  beforeAll(async () => {
    if (!start) return;
    aws = await start();
    engine = new Engine(aws);
  }, 120_000);
  afterAll(() => aws?.stop());

  play.each(Object.entries(told))('%s comes up on its Foundation, changes and goes', async (name, story) => {
    const written = JSON.stringify(synthesizeFoundation(story.foundation).template);
    const [known] = /Z0123456789ABC/.exec(written) ?? [];
    const text = known ? written.replaceAll(known, await aws.zone('everything.example')) : written;
    const below = aws.limit(mortal(JSON.parse(text) as Template));
    const foundation = await engine.apply(`${name}-foundation`, below, 'CREATE');
    expect(foundation).toMatchObject(made(below));

    const facts = readFoundation(foundation.outputs);
    const { boundary: _, ...app } = story.app;
    const template = aws.limit(mortal(synthesizeApp({ ...app, foundation: facts }).template));
    expect(await engine.apply(name, template, 'CREATE')).toMatchObject(made(template));

    const next = changed(template);
    const { changes, ...after } = await engine.apply(name, next, 'UPDATE');
    expect(after).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [], resources: idsOf(next) });
    expect(changes).toEqual(expect.arrayContaining(['Add Added AWS::SQS::Queue', 'Modify Logs AWS::Logs::LogGroup']));
    templates[name] = next;
    foreseen[judgeName] = { ...foreseen[judgeName], [name]: changes };

    expect([await engine.remove(name), await engine.remove(`${name}-foundation`)]).toEqual([
      'DELETE_COMPLETE',
      'DELETE_COMPLETE',
    ]);
  });
});

// Where a resource changes in place, ministack counts whoever reads one of its attributes, as it might be another afterwards; ours knows
// that the ARN of a log and the address of a queue of the same name stay.
(ministack ? test : test.skip)('both foresee the same changes, but for attributes that stay', () => {
  const [ours, theirs] = [foreseen['our own AWS']!, foreseen.ministack!];
  expect(Object.keys(theirs)).toEqual(Object.keys(told));
  for (const [story, changes] of Object.entries(theirs)) {
    const more = changes.filter((change) => !ours[story]!.includes(change));
    expect(ours[story]).toEqual(changes.filter((change) => !more.includes(change)));
    const changing = new Set(changes.map((change) => change.split(' ')[1]!));
    expect(more.filter((change) => !readsOneOf(changing, story, change))).toEqual([]);
  }
});

function readsOneOf(ids: ReadonlySet<string>, story: string, change: string): boolean {
  const [action, id = ''] = change.split(' ');
  const text = JSON.stringify(templates[story]!.Resources[id]);
  const read = [...text.matchAll(/"Fn::GetAtt":\["(\w+)"/g), ...text.matchAll(/"Ref":"(\w+)"/g)].map(([, of]) => of!);
  return action === 'Modify' && read.some((of) => of !== id && ids.has(of));
}

function idsOf({ Resources }: Template): string[] {
  return Object.entries(Resources)
    .map(([id, { Type }]) => `${id} ${Type}`)
    .sort();
}

function made(template: Template): object {
  const ids = idsOf(template);
  return { status: 'CREATE_COMPLETE', failures: [], changes: ids.map((id) => `Add ${id}`), resources: ids };
}
