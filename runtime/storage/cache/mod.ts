export { FloatKeyspace, IntKeyspace, StringKeyspace, StructKeyspace } from './basic-keyspaces.ts';
export { CacheCluster, type CacheClusterConfig, type EvictionPolicy } from './cluster.ts';
export { CacheError, CacheKeyExists, CacheMiss } from './errors.ts';
export {
  type Expiry,
  expireDailyAt,
  expireIn,
  expireInHours,
  expireInMinutes,
  expireInSeconds,
  keepTTL,
  neverExpire,
} from './expiry.ts';
export type { Key } from './key.ts';
export type { KeyspaceConfig, WriteOptions } from './keyspace.ts';
export { type ListPosition, NumberListKeyspace, StringListKeyspace } from './list-keyspace.ts';
export { NumberSetKeyspace, StringSetKeyspace } from './set-keyspace.ts';
