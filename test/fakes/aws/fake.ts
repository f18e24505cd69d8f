import type { ClockMode } from './clock.ts';
import type { Service, World } from './model.ts';
import { listen } from './server.ts';
import { createCloudFormation } from './services/cloudformation/cloudformation.ts';
import { createIam } from './services/iam/iam.ts';
import { createLogs } from './services/logs/logs.ts';
import { createSecretsManager } from './services/secretsmanager/secretsmanager.ts';
import { createServiceQuotas } from './services/servicequotas/servicequotas.ts';
import { createSsm } from './services/ssm/ssm.ts';
import { createSts } from './services/sts/sts.ts';
import { createTagging } from './services/tagging/tagging.ts';
import { AwsWorld } from './world.ts';

// biome-ignore format: one line a service.
const services: readonly ((world: World, options: FakeAwsOptions) => Service)[] = [
  createCloudFormation,
  createIam,
  createLogs,
  createSecretsManager,
  createServiceQuotas,
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
  containers?: 'real' | 'scripted';
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
