import type { StringLiteral } from '../../types/literal.ts';
import type { CachePolicy } from '../../wire.ts';

/** What goes first when the memory is full: nothing, or the keys that the policy names. */
export type EvictionPolicy = CachePolicy;

/** Every value is a literal, since the analyzer reads it and never runs it. */
export interface CacheClusterConfig {
  /** @default allkeys-lru */
  evictionPolicy?: EvictionPolicy;
}

const declared = new Map<string, EvictionPolicy>();

/** The policy that a cluster is declared with in this process; undefined when it is declared without one, or elsewhere. */
export function declaredPolicy(cluster: string): EvictionPolicy | undefined {
  return declared.get(cluster);
}

/** A Redis server, or several that act as one; keyspaces say what is in it. */
export class CacheCluster {
  readonly name: string;
  readonly config: CacheClusterConfig;

  constructor(name: string, config: CacheClusterConfig = {}) {
    this.name = name;
    this.config = config;
    if (config.evictionPolicy) declared.set(name, config.evictionPolicy);
  }

  /** A cluster that another module declares. */
  static named<Name extends string>(name: StringLiteral<Name>): CacheCluster {
    return new CacheCluster(name);
  }
}
