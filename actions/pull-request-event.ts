import { UserError } from '../pipeline/mod.ts';
import type { Event, Run } from './runner.ts';

/** The pull request as it was when the event happened. */
export interface EventPullRequest {
  number: number;
  /** The commit of its head. */
  head: string;
  /** The branch that it shall be merged into. */
  base: string;
}

/** Whether GitHub gives the run no credentials, so that it ends with what it found out. */
export function isUntrusted({ name, payload }: Event, { actor }: Pick<Run, 'actor'>): boolean {
  const { head, base } = (payload.pull_request ?? {}) as Record<'head' | 'base', { repo?: { id?: number } | null }>;
  return name === 'pull_request' && (head?.repo?.id !== base?.repo?.id || actor === 'dependabot[bot]');
}

/** @throws UserError FL6025 when the workflow was not woken by a pull request */
export function pullRequestOf({ name, payload }: Event, { workflow }: Pick<Run, 'workflow'>): EventPullRequest {
  const { number, head, base } = (payload.pull_request ?? {}) as {
    number?: unknown;
    head?: { sha?: unknown };
    base?: { ref?: unknown };
  };
  if (isNumber(number) && typeof head?.sha === 'string' && typeof base?.ref === 'string') {
    return { number, head: head.sha, base: base.ref };
  }
  throw new UserError({
    code: 'FL6025',
    severity: 'error',
    message: `the event \`${name}\` is not about a pull request`,
    help: `Run this action in a workflow with \`on: pull_request\`; this one is ${workflow}.`,
  });
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
