import type { Graph } from '../../../pipeline/mod.ts';

/** What a deployer works on. All names; nothing of it has to be there yet. */
export interface DeployerInput {
  /** In an ARN: `aws` and twelve digits, or what CloudFormation puts them in for. */
  partition: string;
  account: string;
  /** Previews, or the environments that live on. */
  scope: 'previews' | 'lasting';
  applications: readonly DeployedApplication[];
  /** Names of the environments that live on. @default production */
  environments?: readonly string[];
  /** ARNs of boundary policies, one of which every role it makes has to have. */
  boundaries: readonly string[];
}

export interface DeployedApplication {
  name: string;
  /** What its environments stand on. */
  foundation: string;
  /** Where its environments answer, and the id of the zone of Route 53 that it is in. @default any, when its needs name a domain */
  domain?: { name: string; hostedZone?: string };
  needs: DeployerNeeds;
}

/** The kinds of things that applications have: nobody may make what none of them needs. */
export interface DeployerNeeds {
  databases: boolean;
  topics: boolean;
  buckets: boolean;
  publicBuckets: boolean;
  caches: boolean;
  cronJobs: boolean;
  /** Whether schedules let previews sleep. */
  sleep: boolean;
  domain: boolean;
}

/** @param settings whether environments answer at a domain of the user's own, and whether previews sleep */
export function needsOf(graph: Graph, { domain, sleep }: Pick<DeployerNeeds, 'domain' | 'sleep'>): DeployerNeeds {
  return {
    databases: graph.databases.length > 0,
    topics: graph.topics.length > 0,
    buckets: graph.buckets.length > 0,
    publicBuckets: graph.buckets.some((bucket) => bucket.public),
    caches: graph.caches.length > 0,
    cronJobs: graph.cronJobs.length > 0,
    sleep,
    domain,
  };
}
