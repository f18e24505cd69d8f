import type { PermissionChange } from '../../pipeline/mod.ts';
import type { Template } from '../model.ts';
import type { ForeseenStack } from './foresight.ts';

/** Kinds of things that a deployer may make only where the application had them when `fairlead bootstrap aws` was run. */
const kinds: readonly (readonly [what: string, type: string])[] = [
  ['caches', 'AWS::ElastiCache::ReplicationGroup'],
  ['certificates and records of a domain', 'AWS::CertificateManager::Certificate'],
  ['buckets', 'AWS::S3::Bucket'],
  ['databases', 'AWS::RDS::DBInstance'],
  ['public addresses of buckets', 'AWS::CloudFront::Distribution'],
  ['schedules', 'AWS::Scheduler::Schedule'],
  ['topics', 'AWS::SNS::Subscription'],
];

/**
 * What the deployer has to be allowed besides, since nothing of the kind was there before. Only where it works under a boundary: there
 * the command that made it gives it the rest.
 */
export function deployerChanges(stacks: readonly ForeseenStack[]): PermissionChange[] {
  const environment = stacks.find(({ part }) => part === 'environment');
  if (!environment?.deployed || !isBound(environment.next.template)) return [];
  const has = (type: string, template: Template | undefined) =>
    Object.values(template?.Resources ?? {}).some((resource) => resource.Type === type);
  return kinds
    .filter(
      ([, type]) =>
        stacks.some(({ next }) => has(type, next.template)) && !stacks.some(({ deployed }) => has(type, deployed)),
    )
    .map(([what]) => ({
      action: 'add',
      who: 'deployer',
      what: `to make ${what}, which it gets by \`fairlead bootstrap aws --apply\``,
    }));
}

function isBound({ Resources }: Template): boolean {
  return Object.values(Resources).some(({ Properties }) => Properties?.PermissionsBoundary !== undefined);
}
