import type { ErrorObject } from 'ajv';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { UserError } from '../analyzer/diagnostic.ts';
import type { Diagnostic, Position } from '../analyzer/mod.ts';
import type { AwsConfig, AwsOverrides } from './aws-config.ts';
import type { Environment } from './environment.ts';
import { validate } from './fairlead.validate.gen.js';
import type { Allocation, Settings } from './plan.ts';

/** What `fairlead.json` says; a missing file says the same as `{}`. */
export interface Config {
  name?: string;
  target: 'local' | 'aws';
  /** Where in AWS everything is. Nothing of it matters to other targets. */
  aws: AwsConfig;
  build: BuildConfig;
  releases: {
    /** How many of the last releases of each environment of type production stay. @default 10 */
    keep: number;
  };
  /** By environment name or by type. */
  environments: Record<string, Overrides>;
}

/** How images are built. */
export interface BuildConfig {
  /** What images lie on, by name with a tag or a digest. @default the image that the kit comes with */
  base?: string;
  /** `os/architecture`, each. @default linux/amd64 and linux/arm64 */
  platforms: string[];
  /** Packages that are carried file by file and not bundled, besides those that must be. */
  external: string[];
  /** Packages that are bundled, although they look as if they could not be. */
  bundle: string[];
  /** Paths in the image that may be in it although they look as if they held secrets. */
  allowSecrets: string[];
  /** Whether a Dockerfile in the application's root is meant for the process of all services. @default false */
  dockerfile: boolean;
}

/** What may be set of an environment: {@link Settings}, how it is tried out, and what it has in AWS. */
export interface Overrides extends Partial<Settings> {
  smoke?: Smoke;
  aws?: AwsOverrides;
}

/** What a release has to do right after it was put up, or the former one comes back. */
export interface Smoke {
  urls: SmokeUrl[];
  /** Milliseconds in which all of them have to answer as they should. @default 30000 */
  timeout: number;
  /** A command to run as well, with the environment's URL in `FAIRLEAD_URL`. Run where there are no credentials. */
  command?: string;
}

export interface SmokeUrl {
  /** Of the environment's URL, from its `/`. */
  path: string;
  /** @default any from 200 to 299 */
  status?: number;
  /** What the body has to have in it. */
  contains?: string;
}

/**
 * Reads the text of a `fairlead.json`; `file` is its path relative to the application's root, for the diagnostics.
 * @throws UserError with everything that is wrong: FL3002 not JSON, FL3003 not what the schema allows, FL3004 a port twice.
 */
export function parseConfig(text: string, file: string): Config {
  const at = (offset: number, length: number) => positionOf(text, file, offset, length);
  const { root, value } = parseJson(text, at);
  const findings = validate(value) ? portsTwice(root, value as Written, at) : describe(validate.errors ?? [], root, at);
  if (findings.length > 0) throw new UserError(findings);
  const { name, target = 'local', aws = {}, build, releases, environments = {} } = value as Written;
  return {
    ...(name === undefined ? {} : { name }),
    target,
    aws,
    build: {
      platforms: ['linux/amd64', 'linux/arm64'],
      external: [],
      bundle: [],
      allowSecrets: [],
      dockerfile: false,
      ...build,
    },
    releases: { keep: 10, ...releases },
    environments: Object.fromEntries(Object.entries(environments).map(([key, entry]) => [key, overridesOf(entry)])),
  };
}

/** The settings of one environment: the defaults of its type, then what is configured for the type, then for the name. */
export function settingsFor(config: Config, environment: Environment): Settings {
  const { type, name } = environment;
  const { smoke: _, aws: _aws, ...overrides } = { ...entryOf(config, type), ...entryOf(config, name) };
  return { processes: 'all-in-one', cron: type !== 'preview', healthTimeout: 30_000, ...overrides };
}

/** How an environment is tried out: what is configured for its name, else for its type. Undefined when nothing is. */
export function smokeFor(config: Config, { type, name }: Environment): Smoke | undefined {
  return entryOf(config, name).smoke ?? entryOf(config, type).smoke;
}

/** What is written of AWS for one environment: of its type, and over it what is of its name, setting by setting. */
export function awsWritten(config: Config, { type, name }: Environment): { aws: AwsConfig; overrides: AwsOverrides } {
  return { aws: config.aws, overrides: laidOver(entryOf(config, type).aws, entryOf(config, name).aws) };
}

/** Objects are laid over each other setting by setting; of anything else the last one counts. */
function laidOver<T extends object>(below: T | undefined, above: T | undefined): T {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above ?? {})) {
    const former = merged[key];
    merged[key] = isObject(value) && isObject(former) ? laidOver(former, value) : value;
  }
  return merged as T;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryOf({ environments }: Config, key: string): Overrides {
  return Object.hasOwn(environments, key) ? environments[key]! : {};
}

/** The allocations any environment may use, so that one release serves them all. Sorted. */
export function allocationsOf(config: Config): Allocation[] {
  const written = Object.values(config.environments).map((entry) => entry.processes);
  return [...new Set<Allocation>(['all-in-one', ...written.filter((allocation) => allocation !== undefined)])].sort();
}

/** The file's value once the schema has accepted it. */
interface Written {
  name?: string;
  target?: Config['target'];
  aws?: AwsConfig;
  build?: Partial<BuildConfig>;
  releases?: Partial<Config['releases']>;
  environments?: Record<string, WrittenOverrides>;
}

type WrittenOverrides = Omit<Overrides, 'healthTimeout' | 'callTimeout' | 'smoke' | 'aws'> & {
  healthTimeout?: string;
  callTimeout?: string;
  aws?: Omit<AwsOverrides, 'expires'> & { expires?: string };
  smoke?: Partial<Omit<Smoke, 'timeout'>> & { timeout?: string };
};

type Locate = (offset: number, length: number) => Position;

function overridesOf({ healthTimeout, callTimeout, smoke, aws, ...rest }: WrittenOverrides): Overrides {
  return {
    ...rest,
    ...(aws && { aws: awsOverridesOf(aws) }),
    ...(healthTimeout === undefined ? {} : { healthTimeout: milliseconds(healthTimeout) }),
    ...(callTimeout === undefined ? {} : { callTimeout: milliseconds(callTimeout) }),
    ...(smoke && { smoke: { urls: [], ...smoke, timeout: milliseconds(smoke.timeout ?? '30s') } }),
  };
}

function awsOverridesOf({ expires, ...rest }: NonNullable<WrittenOverrides['aws']>): AwsOverrides {
  return { ...rest, ...(expires !== undefined && { expires: milliseconds(expires) }) };
}

function milliseconds(duration: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return Number.parseInt(duration, 10) * units[duration.replace(/\d+/, '')]!;
}

function parseJson(text: string, at: Locate): { root: Node; value: unknown } {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (root && errors.length === 0) return { root, value: JSON.parse(text) };
  const [first] = errors;
  throw new UserError({
    code: 'FL3002',
    severity: 'error',
    message: `fairlead.json is not JSON: ${first ? inWords(printParseErrorCode(first.error)) : 'it is empty'}`,
    help: 'Mend the syntax; JSON has neither comments nor commas after the last entry.',
    position: at(first?.offset ?? 0, first?.length ?? 0),
  });
}

/** `PropertyNameExpected` → `property name expected`. */
function inWords(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

function describe(errors: ErrorObject[], root: Node, at: Locate): Diagnostic[] {
  return errors
    .filter((error) => error.propertyName === undefined)
    .map((error) => {
      const path = error.instancePath
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      const key: unknown = error.params.additionalProperty ?? error.params.propertyName;
      // No setting's name is a number, so what looks like one is the place in a list.
      const place = path.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
      const node = findNodeAtLocation(root, typeof key === 'string' ? [...place, key] : place);
      const marked = (typeof key === 'string' ? node?.parent?.children?.[0] : node) ?? root;
      return {
        code: 'FL3003',
        severity: 'error',
        ...sentence(error, path),
        position: at(marked.offset, marked.length),
      } satisfies Diagnostic;
    })
    .sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
}

function sentence(error: ErrorObject, path: string[]): { message: string; help: string } {
  const where = path.length === 0 ? 'fairlead.json' : `\`${path.map(quoted).join('.')}\``;
  const known = Object.keys((error.parentSchema?.properties ?? {}) as object).map((name) => `\`${name}\``);
  switch (error.keyword) {
    case 'additionalProperties':
      return {
        message: `${where} has no setting \`${error.params.additionalProperty}\``,
        help: `Use one of ${known.join(', ')}, or remove it.`,
      };
    case 'propertyNames':
      return {
        message: `\`${error.params.propertyName}\` is neither the name nor the type of an environment`,
        help: 'Use `production`, `preview`, `development`, `local`, `pr-<number>`, or a name such as `staging`.',
      };
    case 'enum':
      return {
        message: `${where} cannot be ${JSON.stringify(error.data)}`,
        help: `Use one of ${(error.schema as unknown[]).map((value) => JSON.stringify(value)).join(', ')}.`,
      };
    default:
      return {
        message: `${where} cannot be ${JSON.stringify(error.data)}${error.keyword === 'pattern' ? '' : `: it ${error.message}`}`,
        help: `${error.parentSchema?.description ?? 'See the schema of fairlead.json.'}`,
      };
  }
}

/** As it stands in the file where it would not read well without. */
function quoted(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function portsTwice(root: Node, { environments = {} }: Written, at: Locate): Diagnostic[] {
  const owners = new Map<number, string>();
  return Object.entries(environments).flatMap(([name, { port }]) => {
    if (port === undefined) return [];
    const owner = owners.get(port);
    owners.set(port, name);
    const node = findNodeAtLocation(root, ['environments', name, 'port']) ?? root;
    const position = at(node.offset, node.length);
    if (owner === undefined) return [];
    return [
      {
        code: 'FL3004',
        severity: 'error',
        message: `\`${owner}\` and \`${name}\` both want port ${port}`,
        help: 'Give each environment a port of its own, or leave one out to get a free one.',
        position,
      } satisfies Diagnostic,
    ];
  });
}

function positionOf(text: string, file: string, offset: number, length: number): Position {
  const start = point(text, offset);
  const end = point(text, offset + length);
  return { file, ...start, endLine: end.line, endColumn: end.column };
}

function point(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
