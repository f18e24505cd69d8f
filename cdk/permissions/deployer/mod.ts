import type { PolicyDocument, Statement } from '../statement.ts';
import { comparing } from './compare.ts';
import { environmentStatements } from './environment.ts';
import { foundationStatements } from './foundation.ts';
import type { DeployerInput, DeployerNeeds } from './input.ts';
import { pack } from './pack.ts';
import { placesOf } from './places.ts';
import { roleStatements } from './roles.ts';

export { deployerCeiling } from './ceiling.ts';
export { type DeployedApplication, type DeployerInput, type DeployerNeeds, needsOf } from './input.ts';

/**
 * What the role of a deployer may do: everything in the life of the environments of its scope, and nothing of the other scope's. What
 * it takes to keep images is not in it.
 * @throws UserError FL7301
 */
export function deployerStatements(input: DeployerInput): Statement[] {
  const places = placesOf(input);
  const needs = together(input.applications.map((one) => one.needs));
  return [
    ...environmentStatements(input, places, needs),
    ...comparing(input),
    ...roleStatements(input, places, needs),
    ...foundationStatements(input, places, needs),
  ];
}

/** The same as managed policies, each within the limits of IAM. */
export function deployerPolicies(input: DeployerInput): PolicyDocument[] {
  return pack(deployerStatements(input));
}

function together(all: DeployerNeeds[]): DeployerNeeds {
  const some = (key: keyof DeployerNeeds) => all.some((needs) => needs[key]);
  return {
    databases: some('databases'),
    topics: some('topics'),
    buckets: some('buckets'),
    publicBuckets: some('publicBuckets'),
    caches: some('caches'),
    cronJobs: some('cronJobs'),
    sleep: some('sleep'),
    domain: some('domain'),
  };
}
