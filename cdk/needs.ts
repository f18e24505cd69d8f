import type { EvictionPolicy, Graph, Plan } from '../pipeline/mod.ts';
import type { AwsSettings, Needs, Template } from './model.ts';

/**
 * Under what an environment's needs are kept. All previews of an application keep theirs together, so that another pull request does
 * not touch the Foundation; with servers of their own each has its own.
 */
export function needsKey(
  { environment }: Pick<Plan, 'environment'>,
  { databases }: Pick<AwsSettings, 'databases'>,
): string {
  const { application, name, type } = environment;
  // No environment is called `preview`.
  return `${application}/${type === 'preview' && databases === 'shared' ? 'preview' : name}`;
}

/** What the plan needs of what lies under it. */
export function needsOf(plan: Plan, { databases }: Pick<AwsSettings, 'databases'>): Needs {
  const names = plan.databases.map(({ name }) => name).sort();
  const dedicated = databases === 'dedicated';
  return {
    postgres: !dedicated && names.length > 0,
    dedicated: dedicated ? names : [],
    ...(plan.caches.length > 0 && {
      cache: { users: cacheUsers(plan), evictionPolicy: mostKeeping(plan.caches.map((cache) => cache.evictionPolicy)) },
    }),
  };
}

/**
 * The needs that a Foundation is there for, with those of a plan. Where previews share theirs nothing goes: one of another pull request
 * may still use what this one does without.
 */
export function withNeeds(
  all: Record<string, Needs>,
  plan: Plan,
  settings: Pick<AwsSettings, 'databases'>,
): Record<string, Needs> {
  const key = needsKey(plan, settings);
  const own = needsOf(plan, settings);
  const before = all[key];
  const shared = plan.environment.type === 'preview' && settings.databases === 'shared';
  return { ...all, [key]: before && shared ? together(before, own) : own };
}

function together(one: Needs, other: Needs): Needs {
  const caches = [one, other].flatMap(({ cache }) => cache ?? []);
  return {
    postgres: one.postgres || other.postgres,
    dedicated: [],
    ...(caches.length > 0 && {
      // All sign in as one user.
      cache: { users: [], evictionPolicy: mostKeeping(caches.map(({ evictionPolicy }) => evictionPolicy)) },
    }),
  };
}

/** The needs that a Foundation was last deployed for. */
export function readNeeds(template: Template | undefined): Record<string, Needs> {
  const { needs = {} } = (template?.Metadata?.fairlead ?? {}) as { needs?: Record<string, Needs> };
  return needs;
}

/** What all together need of the one server for caches. */
export function mostKeeping(policies: EvictionPolicy[]): EvictionPolicy {
  return keeping.find((policy) => policies.includes(policy)) ?? 'allkeys-lru';
}

/** From the one that throws away nothing to the one that may throw away anything. */
const keeping: readonly EvictionPolicy[] = [
  'noeviction',
  'volatile-ttl',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
];

/** What stands before the keys of a cluster: one server is shared by many. */
export function keyPrefix({ application, name }: Plan['environment'], cache: string): string {
  return `${application}/${name}/${cache}/`;
}

function cacheUsers(plan: Plan): { process: string; patterns: string[] }[] {
  const { environment, processes, release } = plan;
  if (environment.type === 'preview') return [];
  const used = (services: string[]) =>
    release.content.graph.uses.flatMap(({ service, resource }) =>
      resource.kind === 'keyspace' && services.includes(service)
        ? [`${keyPrefix(environment, resource.cache)}${globOf(release.content.graph, resource.cache, resource.name)}`]
        : [],
    );
  return processes
    .map(({ name, services }) => ({ process: name, patterns: [...new Set(used(services))].sort() }))
    .filter(({ patterns }) => patterns.length > 0)
    .sort((a, b) => (a.process < b.process ? -1 : 1));
}

/** `sessions/:user/:device` → `sessions/*`: a value in a key may hold a slash. */
function globOf({ caches }: Graph, cache: string, pattern: string): string {
  const known = caches.find(({ name }) => name === cache)?.keyspaces.some((keyspace) => keyspace.pattern === pattern);
  if (!known) throw new Error(`no keyspace ${pattern} in the cache ${cache}`);
  const literal = pattern.slice(0, pattern.search(/:|$/));
  const glob = literal.replace(/[\\*?[\]^]/g, (character) => `\\${character}`);
  return literal === pattern ? glob : `${glob}*`;
}
