import { allow, document, type PolicyDocument } from '../statement.ts';
import type { DeployerInput } from './input.ts';
import { placesOf } from './places.ts';
import { roleStatements } from './roles.ts';

/** Services that environments are made of. */
const services = [
  'acm',
  'apigateway',
  'application-autoscaling',
  'cloudformation',
  'cloudfront',
  'cloudwatch',
  'ec2',
  'ecr',
  'ecs',
  'elasticache',
  'elasticloadbalancing',
  'kms',
  'logs',
  'rds',
  'route53',
  's3',
  'scheduler',
  'secretsmanager',
  'servicediscovery',
  'servicequotas',
  'sns',
  'sqs',
  'ssm',
  'tag',
];

/** What no deployer can ever do more than, whatever is attached to it: the services it works with, and of IAM only bound roles. */
export function deployerCeiling(input: Omit<DeployerInput, 'scope'>): PolicyDocument {
  const needs = {
    databases: true,
    topics: true,
    buckets: true,
    publicBuckets: true,
    caches: true,
    cronJobs: true,
    sleep: true,
    domain: false,
  };
  const of = (scope: DeployerInput['scope']) =>
    roleStatements({ ...input, scope }, placesOf({ ...input, scope }), needs);
  const both = of('previews').map((statement, index) => {
    const other = of('lasting')[index]!;
    return { ...statement, Resource: [...new Set([...statement.Resource, ...other.Resource])] };
  });
  return document([
    allow(
      'Services',
      services.map((service) => `${service}:*`),
      ['*'],
    ),
    ...both,
  ]);
}
