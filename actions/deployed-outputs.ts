import type { Outcome, Plan } from '../pipeline/mod.ts';
import { changesDigest } from '../pipeline/reviewed.ts';

/** The outputs that every deployment has. */
export const deployedOutputs = {
  url: 'Where the environment answers.',
  environment: 'The name of the environment.',
  release: 'The digest of the release that answers.',
  plan: 'The digest of what was planned to change.',
  kind: 'What was done.',
} as const;

/** What a deployment has come to, whichever use case did it. */
export function outputsOf({
  kind,
  plan,
  outcome,
}: {
  kind: string;
  plan: Plan;
  outcome: Outcome;
}): Record<string, string> {
  return {
    url: outcome.url,
    environment: plan.environment.name,
    release: outcome.release,
    plan: changesDigest(plan.changes),
    kind,
  };
}
