/**
 * How long AWS takes, in milliseconds of virtual time. Sources:
 * [1] AWS News Blog, "AWS CloudFormation Express mode" (2026): a queue with its dead-letter queue, 64 s, and 10 s in Express mode.
 * [2] The measurements of `cdkd` (its README, medians of seven): VPC, Fargate and load balancer 276.7 s; VPC with NAT gateway 166.1 s;
 *     a queue 83 s and 22 s in Express mode; VPC with CloudFront 562 s and 366 s in Express mode.
 * [3] Amazon RDS User Guide, "Creating a DB instance": it can take up to 20 minutes.
 * [4] API Gateway Developer Guide, "Working with VPC links for HTTP APIs": a link takes minutes to become AVAILABLE.
 * [5] Elastic Load Balancing, "Application Load Balancers": provisioning takes a few minutes.
 * Where a whole stack was measured, its slowest resource has the greater part of the time.
 */
const seconds = (count: number) => count * 1000;

export const latencies = {
  /** [1]: two in a row take 10 s without, and 64 s with waiting until they are known everywhere. */
  queue: { create: seconds(5), update: seconds(2), delete: seconds(5), stabilize: seconds(27) },
  topic: { create: seconds(2), update: seconds(2), delete: seconds(2), stabilize: seconds(8) },
  bucket: { create: seconds(4), update: seconds(2), delete: seconds(2), stabilize: seconds(18) },
  /** [2]. */
  natGateway: { create: seconds(100), delete: seconds(60) },
  vpc: { create: seconds(4), delete: seconds(2), stabilize: seconds(8) },
  network: { create: seconds(2), update: seconds(2), delete: seconds(2), stabilize: seconds(3) },
  internetGateway: { create: seconds(4), delete: seconds(4), stabilize: seconds(12) },
  /** [2] and [5]. */
  loadBalancer: { create: seconds(5), update: seconds(5), delete: seconds(10), stabilize: seconds(140) },
  targets: { create: seconds(2), update: seconds(2), delete: seconds(2), stabilize: seconds(10) },
  /** [4]. */
  vpcLink: { create: seconds(150), delete: seconds(60) },
  api: { create: seconds(2), update: seconds(2), delete: seconds(2) },
  namespace: { create: seconds(45), delete: seconds(45) },
  /** [3]. */
  database: { create: seconds(420), update: seconds(90), delete: seconds(300) },
  cache: { create: seconds(480), update: seconds(120), delete: seconds(300) },
  /** [2]. */
  distribution: { create: seconds(10), update: seconds(10), delete: seconds(10), stabilize: seconds(240) },
  certificate: { create: seconds(5), delete: seconds(5), stabilize: seconds(60) },
  records: { create: seconds(5), update: seconds(5), delete: seconds(5), stabilize: seconds(35) },
  small: { create: seconds(2), update: seconds(2), delete: seconds(2) },
} as const;
