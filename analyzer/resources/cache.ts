import { ConfigReader, constantOf, nameOf } from '../config.ts';
import type { Reader, Recogniser, Uses } from '../context.ts';
import { free } from '../context.ts';
import type { Cache, EvictionPolicy } from '../graph.ts';
import { didYouMean } from '../suggest.ts';
import { isFree } from './names.ts';

const policies = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-ttl',
  'volatile-random',
  'noeviction',
] as const satisfies EvictionPolicy[];

/** Nothing is done with a cluster but to declare keyspaces in it, which name it. */
const uses: Uses = { members: { name: free }, escape: [] };

/** `new CacheCluster('name', { evictionPolicy })`. */
export const cache: Recogniser<Pick<Cache, 'name' | 'evictionPolicy'>> = {
  declares: 'encore.dev/storage/cache#CacheCluster',
  as: 'new',
  bound: 'any',
  what: 'a cache cluster',
  uses,
  read({ node }, reader) {
    const name = nameOf(node.arguments?.[0], 'a cache cluster', node, reader.report);
    const evictionPolicy = policyOf(new ConfigReader(node.arguments?.[1], ['evictionPolicy'], reader.report), reader);
    return name === undefined ? undefined : { name, evictionPolicy };
  },
  link({ value, key, file, position }, linker) {
    // No use names a cluster; keyspaces find it by its key.
    linker.resources.set(key, { kind: 'keyspace', cache: value.name, name: '' });
    if (!isFree('a cache cluster', value.name, position, linker.graph.caches, linker)) return;
    const service = linker.serviceOf(file)?.name;
    linker.graph.caches.push({ ...value, keyspaces: [], ...(service !== undefined && { service }), position });
  },
};

/** `CacheCluster.named('name')`: another module's cluster. */
export const namedCache: Recogniser<string> = {
  declares: 'encore.dev/storage/cache#CacheCluster.named',
  as: 'call',
  bound: 'any',
  what: 'a cache cluster',
  uses,
  read: ({ node }, { report }) => nameOf(node.arguments?.[0], 'a cache cluster', node, report),
  link({ value: name, key, position }, { resources, graph, report }) {
    resources.set(key, { kind: 'keyspace', cache: name, name: '' });
    const names = graph.caches.map((one) => one.name);
    if (names.includes(name)) return;
    report.error(
      'FL1405',
      position,
      `there is no cache cluster named \`${name}\``,
      didYouMean(name, names, `Declare it with \`new CacheCluster("${name}")\`, or correct the name.`),
    );
  },
};

function policyOf(config: ConfigReader, { report }: Reader): EvictionPolicy {
  const node = config.node('evictionPolicy');
  const value = node && constantOf(node);
  const policy = policies.find((known) => known === value);
  if (node && !policy) {
    report.error(
      'FL1911',
      node,
      'the eviction policy is unknown',
      didYouMean(String(value), policies, `Use one of ${policies.map((name) => `"${name}"`).join(', ')}.`),
    );
  }
  return policy ?? 'allkeys-lru';
}
