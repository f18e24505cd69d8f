import type { CacheSize, Canary, DatabaseSize, Scaling } from '../pipeline/aws-config.ts';
import type { Environment } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';
import type { AwsSettings, AwsWritten, EnvironmentClass } from './model.ts';

/** The newest major version of PostgreSQL that Amazon RDS offers. */
const newestPostgres = '18';

const day = 86_400_000;

/** What each class has where nothing is written. */
interface Defaults {
  database: Omit<DatabaseSize, 'maxStorage'>;
  cache: CacheSize;
  natGateways: 0 | 1 | 2;
  spot: boolean;
  scaling: Scaling;
  logRetention: number;
  expires?: number;
}

const small: Defaults = {
  database: {
    instanceClass: 'db.t4g.micro',
    multiAz: false,
    storage: 20,
    backupDays: 1,
    deletionProtection: false,
    version: newestPostgres,
  },
  cache: { nodeType: 'cache.t4g.micro', replicas: 0 },
  natGateways: 0,
  spot: false,
  scaling: { min: 1, max: 1, cpu: 60 },
  logRetention: 7,
};

const defaults: Record<EnvironmentClass, Defaults> = {
  preview: { ...small, spot: true, expires: 7 * day },
  development: { ...small, database: { ...small.database, deletionProtection: true } },
  production: {
    database: {
      instanceClass: 'db.m5.large',
      multiAz: true,
      storage: 20,
      backupDays: 7,
      deletionProtection: true,
      version: newestPostgres,
    },
    cache: { nodeType: 'cache.m6g.large', replicas: 1 },
    natGateways: 2,
    spot: false,
    scaling: { min: 2, max: 10, cpu: 60 },
    logRetention: 90,
  },
};

const canary: Canary = { percent: 10, minutes: 1 };

/**
 * What is written, with every default filled in.
 * @throws UserError FL7001 sizes that Fargate does not have, FL7002 a domain whose zone is not named, FL7003 ends that do not fit
 */
export function awsSettings(
  { aws, overrides }: AwsWritten,
  { application, type }: Pick<Environment, 'application' | 'type'>,
): AwsSettings {
  const own = defaults[classOf(type)];
  const { cpu = 256, memory = 512 } = overrides;
  const database = { ...own.database, ...overrides.database };
  const scaling = scalingOf(own.scaling, overrides.scaling);
  const expires = overrides.expires ?? own.expires;
  const processes = Object.fromEntries(
    Object.entries(overrides.processes ?? {}).map(([name, written]) => [
      name,
      {
        cpu: written.cpu ?? cpu,
        memory: written.memory ?? memory,
        scaling: scalingOf(scaling, written.scaling),
      },
    ]),
  );
  const settings: AwsSettings = {
    foundation: aws.foundation ?? application,
    ...(aws.domain !== undefined && {
      domain: { name: aws.domain, hostedZone: zoneOf(aws.domain, aws.hostedZone) },
    }),
    databases: overrides.databases ?? 'shared',
    database: { maxStorage: database.storage * 10, ...database },
    cache: { ...own.cache, ...overrides.cache },
    natGateways: overrides.natGateways ?? own.natGateways,
    spot: overrides.spot ?? own.spot,
    scaling,
    cpu,
    memory,
    processes,
    canary: { ...canary, ...overrides.canary },
    logRetention: overrides.logRetention ?? own.logRetention,
    alarms: overrides.alarms ?? [],
    ...(expires !== undefined && type === 'preview' && { expires }),
    ...(overrides.sleep && { sleep: overrides.sleep }),
    ...(overrides.telemetry && { telemetry: overrides.telemetry }),
  };
  requireLegal(settings);
  return settings;
}

/** The class an environment is of. `local` is not put up in AWS. */
export function classOf(type: Environment['type']): EnvironmentClass {
  if (type === 'local') throw new Error('an environment of this machine has no class in AWS');
  return type;
}

/** What a process gets. */
export function sizeOf({ cpu, memory, scaling, processes }: AwsSettings, process: string) {
  return processes[process] ?? { cpu, memory, scaling };
}

/** Fewer at most than at least is nobody's wish: whoever raises the one gets the other. */
function scalingOf(base: Scaling, written: Partial<Scaling> = {}): Scaling {
  const { min, max, cpu } = { ...base, ...written };
  if (written.min === undefined) return { min: Math.min(min, max), max, cpu };
  return { min, max: written.max ?? Math.max(min, max), cpu };
}

function zoneOf(domain: string, zone: string | undefined): string {
  if (zone !== undefined) return zone;
  throw refusal(
    'FL7002',
    `there is no zone of Route 53 for ${domain}`,
    'Make a public hosted zone for it in Route 53, and name its id as `aws.hostedZone` in fairlead.json.',
  );
}

/** MiB by CPU units: from, to, and in which steps. */
const fargate: Record<number, { from: number; to: number; step: number }> = {
  256: { from: 512, to: 2048, step: 512 },
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16_384, step: 1024 },
  4096: { from: 8192, to: 30_720, step: 1024 },
  8192: { from: 16_384, to: 61_440, step: 4096 },
  16384: { from: 32_768, to: 122_880, step: 8192 },
};

function requireLegal({ cpu, memory, scaling, processes, database }: AwsSettings): void {
  for (const [name, size] of Object.entries({ '': { cpu, memory, scaling }, ...processes })) {
    requireFargate(size.cpu, size.memory, name);
    if (size.scaling.min > size.scaling.max) {
      throw refusal(
        'FL7003',
        `${name ? `${name} ` : ''}runs at least ${size.scaling.min} times and at most ${size.scaling.max} times`,
        'Set `scaling.max` to no less than `scaling.min`.',
      );
    }
  }
  if (database.maxStorage < database.storage) {
    throw refusal(
      'FL7003',
      `a database of ${database.storage} GiB cannot stay below ${database.maxStorage} GiB`,
      'Set `database.maxStorage` to no less than `database.storage`.',
    );
  }
}

function requireFargate(cpu: number, memory: number, process: string): void {
  const range = fargate[cpu];
  // 256 CPU units go with 512, 1024 and 2048 MiB.
  const fits = range && memory >= range.from && memory <= range.to && memory % range.step === 0;
  if (fits && !(cpu === 256 && memory === 1536)) return;
  const whose = process ? `${process} with ` : '';
  throw refusal(
    'FL7001',
    `Fargate has no task of ${whose}${cpu} CPU units and ${memory} MiB`,
    range
      ? `With ${cpu} CPU units, set \`memory\` to ${cpu === 256 ? '512, 1024 or 2048' : `a multiple of ${range.step} from ${range.from} to ${range.to}`}.`
      : `Set \`cpu\` to one of ${Object.keys(fargate).join(', ')}.`,
  );
}

function refusal(code: `FL${number}`, message: string, help: string): UserError {
  return new UserError({ code, severity: 'error', message, help });
}
