import type { Account, AppInput, AwsOverrides, FoundationFacts, FoundationInput } from '../../../cdk/model.ts';
import { physicalName } from '../../../cdk/names.ts';
import { needsKey, needsOf } from '../../../cdk/needs.ts';
import { awsSettings } from '../../../cdk/settings.ts';
import type { AwsConfig } from '../../../pipeline/aws-config.ts';
import {
  type Environment,
  makePlan,
  type Plan,
  parseEnvironment,
  type Release,
  type Settings,
} from '../../../pipeline/mod.ts';

export const account: Account = { id: '123456789012', region: 'eu-central-1', partition: 'aws' };

interface Story {
  release: Release;
  /** @default the application's own */
  environment: Environment | string;
  settings?: Partial<Settings>;
  aws?: AwsConfig;
  overrides?: AwsOverrides;
  /** @default of all secrets of the application */
  secrets?: string[];
}

/** What synthesis of an environment and of what lies under it is given, with plausible facts. */
export function inputOf({ release, environment: named, settings: own, aws = {}, overrides = {}, secrets }: Story): {
  plan: Plan;
  app: AppInput;
  foundation: FoundationInput;
} {
  const { graph } = release.content;
  const environment = typeof named === 'string' ? parseEnvironment(graph.application, named) : named;
  const preview = environment.type === 'preview';
  const plan = makePlan({
    release,
    environment,
    settings: { processes: 'all-in-one', cron: !preview, healthTimeout: 30_000, ...own },
  });
  const settings = awsSettings({ aws: withZone(aws), overrides }, environment);
  const needs = { [needsKey(plan, settings)]: needsOf(plan, settings) };
  const registry = `${account.id}.dkr.ecr.${account.region}.amazonaws.com`;
  const image = (name: string, digest: string) => `${registry}/${name}@${digest}`;
  const { migrate, images } = release.content;
  return {
    plan,
    foundation: {
      account,
      class: environment.type as FoundationInput['class'],
      settings,
      needs,
      repository: 'octo/shop',
    },
    app: {
      account,
      plan,
      settings,
      foundation: facts(plan, settings.domain !== undefined, needs),
      images: {
        ...Object.fromEntries(plan.processes.map((process) => [process.name, image(graph.application, process.image)])),
        ...(migrate !== undefined && { migrate: image(graph.application, images[migrate]!) }),
      },
      ...(plan.databases.length > 0 && {
        provisioner: image(`${graph.application}/provision`, `sha256:${'0'.repeat(64)}`),
      }),
      secrets: Object.fromEntries(
        (secrets ?? graph.secrets.map(({ name }) => name)).map((name) => [
          name,
          {
            arn: `arn:aws:secretsmanager:${account.region}:${account.id}:secret:fairlead/${graph.application}/type/${environment.type}/${name}-AbCdEf`,
            version: '11111111-2222-4333-8444-555555555555',
          },
        ]),
      ),
      repository: 'octo/shop',
      ...(preview && { expires: '2030-01-08T00:00:00Z' }),
      boundary: `arn:aws:iam::${account.id}:policy/fairlead-boundary`,
    },
  };
}

function facts(plan: Plan, domain: boolean, needs: FoundationInput['needs']): FoundationFacts {
  const { application, name, type } = plan.environment;
  const server = (host: string) => ({
    host: `${host}.abcdefghijkl.${account.region}.rds.amazonaws.com`,
    port: 5432,
    secretArn: `arn:aws:secretsmanager:${account.region}:${account.id}:secret:rds!db-${host}-AbCdEf`,
  });
  const cluster = `${application}-${type}-0a1b2c3d`;
  const balancer = `loadbalancer/app/${application}/0123456789abcdef`;
  const elb = `arn:aws:elasticloadbalancing:${account.region}:${account.id}`;
  const all = Object.entries(needs);
  const users = all.flatMap(([key, { cache }]) => (cache?.users ?? []).map(({ process }) => `${key}/${process}`));
  return {
    vpcId: 'vpc-0123456789abcdef0',
    taskSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    publicIp: type !== 'production',
    taskSecurityGroup: 'sg-0123456789abcdef0',
    clusterName: cluster,
    clusterArn: `arn:aws:ecs:${account.region}:${account.id}:cluster/${cluster}`,
    listenerArn: `${elb}:${balancer.replace('loadbalancer', 'listener')}/fedcba9876543210`,
    loadBalancerName: balancer.replace('loadbalancer/', ''),
    ...(!domain && { vpcLinkId: 'abc123' }),
    namespaceId: 'ns-0123456789abcdef',
    namespaceName: `${cluster}.internal`,
    servers: Object.fromEntries([
      ...(all.some(([, { postgres }]) => postgres) ? [['shared', server('shared')]] : []),
      ...all.flatMap(([, { dedicated }]) =>
        dedicated.map((database) => [`${application}/${name}/${database}`, server(database)]),
      ),
    ]),
    ...(all.some(([, { cache }]) => cache) && {
      cache: {
        host: 'master.cache.abcdef.euc1.cache.amazonaws.com',
        port: 6379,
        secrets: Object.fromEntries(
          [...users, 'shared'].map((key) => [
            key,
            `arn:aws:secretsmanager:${account.region}:${account.id}:secret:${physicalName('secret', application, type, 'cache', key)}-AbCdEf`,
          ]),
        ),
      },
    }),
    ...(type === 'production' && { alarmTopicArn: `arn:aws:sns:${account.region}:${account.id}:alarms` }),
  };
}

/** A domain is always in some zone. */
function withZone<T extends { domain?: string }>(aws: T): T & { hostedZone?: string } {
  return aws.domain === undefined ? aws : { hostedZone: 'Z0123456789ABC', ...aws };
}
