import type { StringLiteral } from '../../types/literal.ts';

/** What goes first when the memory is full: nothing, or the keys that the policy names. */
export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-ttl'
  | 'volatile-random';

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface CacheClusterConfig {
  /** @default allkeys-lru */
  evictionPolicy?: EvictionPolicy;
}

/** A Redis server, or several that act as one; keyspaces say what is in it. */
export class CacheCluster {
  readonly name: string;
  readonly config: CacheClusterConfig;

  constructor(name: string, config: CacheClusterConfig = {}) {
    this.name = name;
    this.config = config;
  }

  /** A cluster that another module declares. */
  static named<Name extends string>(name: StringLiteral<Name>): CacheCluster {
    return new CacheCluster(name);
  }
}
