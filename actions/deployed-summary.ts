import { duration } from '../pipeline/duration.ts';
import { code, plain, table } from '../pipeline/markdown.ts';
import { type Change, canonicalDigest, type Outcome, type Plan, shortDigest } from '../pipeline/mod.ts';

/** What a deployment has come to, whichever use case did it. */
export interface Deployed {
  kind: string;
  plan: Plan;
  outcome: Outcome;
  milliseconds?: { build: number; apply: number };
}

/** The outputs that every deployment has. */
export const deployedOutputs = {
  url: 'Where the environment answers.',
  environment: 'The name of the environment.',
  release: 'The digest of the release that answers.',
  plan: 'The digest of what was planned to change.',
  kind: 'What was done.',
} as const;

export function outputsOf({ kind, plan, outcome }: Deployed): Record<string, string> {
  return {
    url: outcome.url,
    environment: plan.environment.name,
    release: outcome.release,
    plan: planDigest(plan),
    kind,
  };
}

/** Of what a plan changes, without the lines that cause it. */
export function planDigest({ changes }: Pick<Plan, 'changes'>): string {
  return canonicalDigest(changes.map(({ position: _, ...change }) => change));
}

/** A deployment as Markdown. */
export function summaryOf({ kind, plan, outcome, milliseconds }: Deployed): string {
  const { environment, changes } = plan;
  const { url, release, started, kept, migrations } = outcome;
  const state = kind === 'unchanged' ? 'was running already; nothing changed' : 'is running';
  const rows = [
    ['URL', url],
    ['Release', code(shortDigest(release))],
    ['Started', started.map(code).join(', ')],
    ['Kept', kept.map(code).join(', ')],
    ['Migrations', migrations.map(({ database, name }) => code(`${database} ${name}`)).join(', ')],
    [
      'Took',
      milliseconds ? `${duration(milliseconds.build)} to take over, ${duration(milliseconds.apply)} to apply` : '',
    ],
  ].filter(([, value]) => value !== '');
  return [
    `### ${code(environment.name)} of ${plain(environment.application)} ${state}`,
    table(['', ''], rows),
    listChanges(changes),
  ].join('\n\n');
}

/** Changes as a list of Markdown. */
export function listChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'The same services and resources as before.';
  return changes
    .map(({ action, sentence, danger }) => {
      const sign = { add: '+', change: '~', remove: '-' }[action];
      return `- ${code(sign)} ${plain(sentence)}${danger === undefined ? '' : `: ⚠️ ${plain(danger)}`}`;
    })
    .join('\n');
}
