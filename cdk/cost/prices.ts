/** US dollars, on demand. */
export interface Prices {
  /** Of one task, per hour. */
  fargate: Record<'X86_64' | 'ARM64', { vcpu: number; gigabyte: number }>;
  loadBalancerHour: number;
  natGatewayHour: number;
  publicAddressHour: number;
  /** Per GiB and month, gp3. */
  databaseStorage: number;
  /** What servers of databases and caches cost here, as a multiple of those in us-east-1. 1: exactly those. */
  serverFactor: number;
}

/** When the prices below were looked up. */
export const asOf = 'October 2026';

/**
 * By region, as AWS publishes them: aws.amazon.com/fargate/pricing, /elasticloadbalancing/pricing, /vpc/pricing (gateways, public
 * addresses), /rds/postgresql/pricing. No list of servers by region was at hand: outside us-east-1 they are taken as about a tenth (Ireland)
 * or a fifth (Frankfurt) dearer, which is how far AWS sets the servers of those regions apart.
 */
export const regions: Record<string, Prices> = {
  'us-east-1': {
    fargate: { X86_64: { vcpu: 0.04048, gigabyte: 0.004445 }, ARM64: { vcpu: 0.03238, gigabyte: 0.00356 } },
    loadBalancerHour: 0.0225,
    natGatewayHour: 0.045,
    publicAddressHour: 0.005,
    databaseStorage: 0.115,
    serverFactor: 1,
  },
  'eu-west-1': {
    fargate: { X86_64: { vcpu: 0.04048, gigabyte: 0.004445 }, ARM64: { vcpu: 0.03238, gigabyte: 0.00356 } },
    loadBalancerHour: 0.0252,
    natGatewayHour: 0.048,
    publicAddressHour: 0.005,
    databaseStorage: 0.127,
    serverFactor: 1.1,
  },
  'eu-central-1': {
    fargate: { X86_64: { vcpu: 0.04656, gigabyte: 0.00511 }, ARM64: { vcpu: 0.03725, gigabyte: 0.00409 } },
    loadBalancerHour: 0.027,
    natGatewayHour: 0.052,
    publicAddressHour: 0.005,
    databaseStorage: 0.137,
    serverFactor: 1.2,
  },
};

/** Whose prices stand in for those of other regions, by how the region's name begins; the first that fits. */
export const nearest: readonly (readonly [prefix: string, region: string])[] = [
  ['us-', 'us-east-1'],
  ['ca-', 'us-east-1'],
  ['eu-west-', 'eu-west-1'],
  ['eu-north-', 'eu-west-1'],
  ['', 'eu-central-1'],
];

/** PostgreSQL on one server, per hour, in us-east-1: aws.amazon.com/rds/postgresql/pricing. */
export const databaseServers: Record<string, number> = {
  'db.t4g.micro': 0.016,
  'db.t4g.small': 0.032,
  'db.t4g.medium': 0.065,
  'db.t4g.large': 0.129,
  'db.t3.micro': 0.018,
  'db.t3.small': 0.036,
  'db.t3.medium': 0.072,
  'db.m5.large': 0.178,
  'db.m5.xlarge': 0.356,
  'db.m5.2xlarge': 0.712,
  'db.m6g.large': 0.159,
  'db.m6g.xlarge': 0.318,
  'db.m6g.2xlarge': 0.636,
  'db.m7g.large': 0.168,
  'db.m7g.xlarge': 0.337,
  'db.r5.large': 0.25,
  'db.r6g.large': 0.225,
};

/** Redis OSS on one node, per hour, in us-east-1: aws.amazon.com/elasticache/pricing. */
export const cacheNodes: Record<string, number> = {
  'cache.t4g.micro': 0.016,
  'cache.t4g.small': 0.032,
  'cache.t4g.medium': 0.065,
  'cache.t3.micro': 0.017,
  'cache.t3.small': 0.034,
  'cache.t3.medium': 0.068,
  'cache.m5.large': 0.156,
  'cache.m6g.large': 0.149,
  'cache.m6g.xlarge': 0.297,
  'cache.m7g.large': 0.158,
  'cache.m7g.xlarge': 0.315,
  'cache.r6g.large': 0.206,
  'cache.r7g.large': 0.219,
};

/** What nodes of Valkey cost of what those of Redis OSS do. */
export const valkeyShare = 0.8;

/** What spare capacity of Fargate costs of the full price. It moves; this is about where it has been. */
export const spotShare = 0.31;

/** The same in every region, per month: aws.amazon.com/secrets-manager, /cloudwatch and /route53 under `pricing`. */
export const monthlyEach = { secret: 0.4, alarm: 0.1, hostedZone: 0.5 } as const;

/** As AWS counts a month. */
export const hoursPerMonth = 730;
