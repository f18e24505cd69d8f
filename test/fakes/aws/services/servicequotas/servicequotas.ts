import { AwsError, type Operation, type Service, type World } from '../../model.ts';
import { page } from '../paging.ts';

export interface ServiceQuotas extends Service {
  readonly id: 'servicequotas';
  /** Sets the value that an account has got, by the quota's code. */
  set(code: string, value: number): void;
}

interface Quota {
  service: string;
  code: string;
  name: string;
  /** As published. New accounts may have less. */
  value: number;
  adjustable: boolean;
  global?: boolean;
}

const names: Record<string, string> = {
  cloudformation: 'AWS CloudFormation',
  ec2: 'Amazon Elastic Compute Cloud (Amazon EC2)',
  ecs: 'Amazon Elastic Container Service (Amazon ECS)',
  elasticache: 'Amazon ElastiCache',
  elasticloadbalancing: 'Elastic Load Balancing (ELB)',
  fargate: 'AWS Fargate',
  iam: 'AWS Identity and Access Management (IAM)',
  rds: 'Amazon Relational Database Service (Amazon RDS)',
  s3: 'Amazon Simple Storage Service (Amazon S3)',
  vpc: 'Amazon Virtual Private Cloud (Amazon VPC)',
};

/** AWS General Reference, "Service endpoints and quotas", of each service. */
const published: Quota[] = [
  { service: 'cloudformation', code: 'L-0485CB21', name: 'Stack count', value: 2000, adjustable: true },
  { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs', value: 5, adjustable: true },
  { service: 'ecs', code: 'L-21C621EB', name: 'Clusters per account', value: 10_000, adjustable: true },
  { service: 'ecs', code: 'L-9EF96962', name: 'Services per cluster', value: 5000, adjustable: true },
  { service: 'elasticache', code: 'L-DFE45DF3', name: 'Nodes per Region', value: 300, adjustable: true },
  {
    service: 'elasticloadbalancing',
    code: 'L-53DA6B97',
    name: 'Application Load Balancers per Region',
    value: 50,
    adjustable: true,
  },
  {
    service: 'elasticloadbalancing',
    code: 'L-B22855CB',
    name: 'Target Groups per Region',
    value: 3000,
    adjustable: true,
  },
  { service: 'fargate', code: 'L-3032A538', name: 'Fargate On-Demand vCPU resource count', value: 6, adjustable: true },
  { service: 'fargate', code: 'L-36FBB829', name: 'Fargate Spot vCPU resource count', value: 6, adjustable: true },
  { service: 'iam', code: 'L-FE177D64', name: 'Roles per account', value: 1000, adjustable: true, global: true },
  { service: 'rds', code: 'L-7B6409FD', name: 'DB instances', value: 40, adjustable: true },
  { service: 'rds', code: 'L-7ADDB58A', name: 'Total storage for all DB instances', value: 100_000, adjustable: true },
  { service: 's3', code: 'L-DC2B2D3D', name: 'General purpose buckets', value: 10_000, adjustable: true, global: true },
  { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-A4707A72', name: 'Internet gateways per Region', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-FE5A380F', name: 'NAT gateways per Availability Zone', value: 5, adjustable: true },
  { service: 'vpc', code: 'L-E79EC296', name: 'VPC security groups per Region', value: 2500, adjustable: true },
  { service: 'vpc', code: 'L-DF5E4CA3', name: 'Network interfaces per Region', value: 5000, adjustable: true },
];

/** "Service Quotas API Reference". */
export function createServiceQuotas(_world: World): ServiceQuotas {
  const applied = new Map<string, number>();
  const output = (quota: Quota, { account, region }: { account: string; region: string }, value: number) => ({
    ServiceCode: quota.service,
    ServiceName: names[quota.service],
    QuotaArn: `arn:aws:servicequotas:${region}:${account}:${quota.service}/${quota.code}`,
    QuotaCode: quota.code,
    QuotaName: quota.name,
    Value: value,
    Unit: 'None',
    Adjustable: quota.adjustable,
    GlobalQuota: quota.global ?? false,
  });
  const of = (service: string) => {
    const found = published.filter((quota) => quota.service === service);
    if (found.length === 0)
      throw new AwsError('NoSuchResourceException', `The request failed because the specified service does not exist.`);
    return found;
  };
  const find = ({ ServiceCode, QuotaCode }: { ServiceCode: string; QuotaCode: string }) => {
    const quota = of(ServiceCode).find(({ code }) => code === QuotaCode);
    if (!quota)
      throw new AwsError(
        'NoSuchResourceException',
        'The request failed because the specified service quota does not exist.',
      );
    return quota;
  };
  const current = (quota: Quota) => applied.get(quota.code) ?? quota.value;
  const list =
    (value: (quota: Quota) => number): Operation =>
    (input, call) => {
      const { items, next } = page(of(input.ServiceCode), input.NextToken, input.MaxResults ?? 100);
      return { Quotas: items.map((quota) => output(quota, call, value(quota))), ...(next && { NextToken: next }) };
    };
  return {
    id: 'servicequotas',
    set: (code, value) => void applied.set(code, value),
    operations: {
      GetServiceQuota: (input, call) => ({ Quota: output(find(input), call, current(find(input))) }),
      GetAWSDefaultServiceQuota: (input, call) => ({ Quota: output(find(input), call, find(input).value) }),
      ListServiceQuotas: list(current),
      ListAWSDefaultServiceQuotas: list(({ value }) => value),
      ListServices: () => ({
        Services: Object.entries(names).map(([ServiceCode, ServiceName]) => ({ ServiceCode, ServiceName })),
      }),
    },
  };
}
