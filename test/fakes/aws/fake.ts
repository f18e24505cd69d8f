import type { ClockMode } from './clock.ts';
import type { ScriptOf } from './containers/scripted.ts';
import type { Service, World } from './model.ts';
import { listen } from './server.ts';
import { createAcm } from './services/acm/acm.ts';
import { createApiGateway } from './services/apigateway/apigateway.ts';
import { createApplicationAutoScaling } from './services/application-autoscaling/application-autoscaling.ts';
import { createCloudFormation } from './services/cloudformation/cloudformation.ts';
import { createCloudFront } from './services/cloudfront/cloudfront.ts';
import { createEc2 } from './services/ec2/ec2.ts';
import { createEcr } from './services/ecr/ecr.ts';
import { createEcs } from './services/ecs/ecs.ts';
import { createElastiCache } from './services/elasticache/elasticache.ts';
import { createElasticLoadBalancing } from './services/elasticloadbalancing/elasticloadbalancing.ts';
import { createIam } from './services/iam/iam.ts';
import { createLogs } from './services/logs/logs.ts';
import { createMonitoring } from './services/monitoring/monitoring.ts';
import { createRds } from './services/rds/rds.ts';
import { createRoute53 } from './services/route53/route53.ts';
import { createS3 } from './services/s3/s3.ts';
import { createScheduler } from './services/scheduler/scheduler.ts';
import { createSecretsManager } from './services/secretsmanager/secretsmanager.ts';
import { createServiceDiscovery } from './services/servicediscovery/servicediscovery.ts';
import { createServiceQuotas } from './services/servicequotas/servicequotas.ts';
import { createSns } from './services/sns/sns.ts';
import { createSqs } from './services/sqs/sqs.ts';
import { createSsm } from './services/ssm/ssm.ts';
import { createSts } from './services/sts/sts.ts';
import { createTagging } from './services/tagging/tagging.ts';
import { AwsWorld } from './world.ts';

// biome-ignore format: one line a service.
const services: readonly ((world: World, options: FakeAwsOptions) => Service)[] = [
  createAcm,
  createApiGateway,
  createApplicationAutoScaling,
  createCloudFormation,
  createCloudFront,
  createEc2,
  createEcr,
  createEcs,
  createElastiCache,
  createElasticLoadBalancing,
  createIam,
  createLogs,
  createMonitoring,
  createRds,
  createRoute53,
  createS3,
  createScheduler,
  createSecretsManager,
  createServiceDiscovery,
  createServiceQuotas,
  createSns,
  createSqs,
  createSsm,
  createSts,
  createTagging,
];

export interface FakeAwsOptions {
  /** @default 'instant' */
  clock?: ClockMode;
  /** ISO 8601. @default now */
  start?: string;
  /** @default 1 */
  seed?: number;
  /** @default '123456789012' */
  account?: string;
  /** @default 'eu-central-1' */
  region?: string;
  /** Whether roles may only do what their policies allow. @default true */
  enforceIam?: boolean;
  /** What tasks are: processes that really run the image, or what the test says about them. @default 'scripted' */
  containers?: 'real' | 'scripted' | ScriptOf;
}

export interface FakeAws extends AsyncDisposable {
  url: string;
  world: World;
  /** What makes SDK, CLI and the target use it, as root. */
  env: Record<string, string>;
  dispose(): Promise<void>;
}

/** AWS for tests, on a free loopback port. */
export async function makeFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  const { clock = 'instant', start, seed = 1, account = '123456789012', region = 'eu-central-1' } = options;
  const began = start ? Date.parse(start) : Date.now();
  const world = new AwsWorld({ clock, start: began, seed, account, region, enforceIam: options.enforceIam ?? true });
  const server = await listen(world);
  world.url = server.url;
  for (const create of services) {
    const service = create(world, options);
    world.services.set(service.id, service);
  }
  const dispose = async () => {
    await server.close();
    await world.dispose();
  };
  return { url: server.url, world, env: environmentOf(world), dispose, [Symbol.asyncDispose]: dispose };
}

function environmentOf({ url, region, credentials }: AwsWorld): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.root.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.root.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
