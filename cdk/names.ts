import { createHash } from 'node:crypto';
import type { Environment } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';
import type { Account, EnvironmentClass } from './model.ts';

/** What a service of AWS takes for a name. All take letters and digits; none takes a name that begins with a digit from us. */
interface Grammar {
  /** Characters, `ending` included. */
  longest: number;
  /** Between the words of a name. */
  separator: '-' | '_' | '/';
  /** What every name begins with. @default nothing */
  beginning?: string;
  /** @default nothing */
  ending?: string;
}

/** Kinds of things that are named by us. A change here renames what is there, and so destroys data. */
const grammars = {
  stack: { longest: 128, separator: '-' },
  topic: { longest: 256, separator: '-' },
  fifoTopic: { longest: 256, separator: '-', ending: '.fifo' },
  queue: { longest: 80, separator: '-' },
  fifoQueue: { longest: 80, separator: '-', ending: '.fifo' },
  role: { longest: 64, separator: '-' },
  policy: { longest: 128, separator: '-' },
  cluster: { longest: 255, separator: '-' },
  service: { longest: 255, separator: '-' },
  family: { longest: 255, separator: '-' },
  loadBalancer: { longest: 32, separator: '-' },
  targetGroup: { longest: 32, separator: '-' },
  securityGroup: { longest: 255, separator: '-' },
  logGroup: { longest: 512, separator: '/', beginning: '/fairlead/' },
  bucket: { longest: 63, separator: '-' },
  originAccess: { longest: 64, separator: '-' },
  server: { longest: 63, separator: '-' },
  subnetGroup: { longest: 255, separator: '-' },
  parameterGroup: { longest: 255, separator: '-' },
  cacheServer: { longest: 40, separator: '-' },
  cacheUser: { longest: 40, separator: '-' },
  cacheUserGroup: { longest: 40, separator: '-' },
  namespace: { longest: 63, separator: '-' },
  host: { longest: 63, separator: '-' },
  schedule: { longest: 64, separator: '-' },
  scheduleGroup: { longest: 64, separator: '-' },
  secret: { longest: 512, separator: '/', beginning: 'fairlead/' },
  api: { longest: 128, separator: '-' },
  vpcLink: { longest: 128, separator: '-' },
  alarm: { longest: 255, separator: '-' },
  scalingPolicy: { longest: 255, separator: '-' },
  postgresDatabase: { longest: 63, separator: '_' },
  postgresRole: { longest: 63, separator: '_' },
} as const satisfies Record<string, Grammar>;

export type PhysicalKind = keyof typeof grammars;

/**
 * The name of a thing in AWS: legal where it is used, and different for different things whatever they are called, since it ends in
 * a hash of all parts. What comes before the hash is for people, and is cut where there is no room for it.
 * @param parts the application and the environment first, so that names say whose they are
 */
export function physicalName(kind: PhysicalKind, ...parts: string[]): string {
  return nameOf(kind, parts, [kind, ...parts]);
}

/** As {@link physicalName}, for names that no two accounts in the world may share. */
export function globalName(account: Account, kind: PhysicalKind, ...parts: string[]): string {
  return nameOf(kind, parts, [kind, account.partition, account.id, account.region, ...parts]);
}

/** The stack of an environment: `fairlead-shop-pr-1`, with a hash only where another application's could be called the same. */
export function stackName({ application, name }: Pick<Environment, 'application' | 'name'>): string {
  const plainly = `fairlead-${application}-${name}`;
  const split = /^(pr-\d+|[a-z0-9]+)$/.test(name);
  return split && /^[a-z](-?[a-z0-9])*$/.test(plainly) && plainly.length <= grammars.stack.longest
    ? plainly
    : physicalName('stack', 'fairlead', application, name);
}

/** The stack of a Foundation. Always with a hash, since `fairlead-shop-production` is an environment's. */
export function foundationStackName(foundation: string, type: EnvironmentClass): string {
  return physicalName('stack', 'fairlead', foundation, 'foundation', type);
}

/**
 * The id of a resource in a template. It stays when others come and go, as it comes from the resource's own names.
 * @param kind in PascalCase, and alone the name of what there is only one of
 */
export function logicalId(kind: string, ...names: string[]): string {
  if (names.length === 0) return kind;
  const readable = names.flatMap(words).map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`);
  return `${kind}${readable.join('').slice(0, 80)}${shortHash([kind, ...names]).toUpperCase()}`;
}

/** Eight hex digits that tell lists of texts apart. */
export function shortHash(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

function nameOf(kind: PhysicalKind, parts: string[], hashed: string[]): string {
  const { longest, separator, beginning = '', ending = '' }: Grammar = grammars[kind];
  const hash = shortHash(hashed);
  const joint = separator === '/' ? '-' : separator;
  const room = longest - beginning.length - ending.length - hash.length - 1;
  const readable = parts.map((part) => words(part.toLowerCase()).join(joint)).filter((part) => part !== '');
  const whole = readable.join(separator);
  // Some services take no digit at the beginning, and some keep names such as `internal-` and `sg-` for themselves.
  const safe = /^[a-z]/.test(whole) && !/^(internal|sg|aws|xn|sthree|amzn)(?![a-z])/.test(whole) ? whole : `f${whole}`;
  return `${beginning}${safe.slice(0, room).replace(/[-_/]+$/, '')}${joint}${hash}${ending}`;
}

function words(text: string): string[] {
  return text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
}

/**
 * What a deployer of previews may touch begins with `<application>-pr-`. An application of such a name would be within its reach, in
 * production too.
 * @throws UserError FL7009
 */
export function refuseNameOfPreviews(application: string): void {
  const [, other] = /^(.+?)-pr(?:-|$)/.exec(application) ?? [];
  if (other === undefined) return;
  throw new UserError({
    code: 'FL7009',
    severity: 'error',
    message: `the application is called ${application}, and so would begin what previews of an application ${other} have in AWS`,
    help: 'Give it a name without a word `pr` in it, with `name` in fairlead.json.',
  });
}
