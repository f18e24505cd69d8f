import { type RepositoryIdentity, type Trust, workflowRefs } from '../trust.ts';

/**
 * What a token has to say, in the Common Expression Language: the repository by its numbers, and per environment the workflows of
 * the kit that run there and what they may run for.
 */
export function attributeCondition(
  { id, ownerId }: RepositoryIdentity,
  trusts: readonly Trust[],
  commit?: string,
): string {
  const each = trusts.map((trust) => {
    const workflow = anyOf('assertion.job_workflow_ref', workflowRefs(trust, commit));
    return `(assertion.environment == "${trust.environment}" && ${workflow} && ${anyOf('assertion.ref', trust.refs)})`;
  });
  return [
    `assertion.repository_owner_id == "${ownerId}"`,
    `assertion.repository_id == "${id}"`,
    `(${each.join(' || ')})`,
  ].join(' && ');
}

/** Patterns have at most one `*`, for any text. */
function anyOf(claim: string, patterns: readonly string[]): string {
  const tests = patterns.map((pattern) => {
    const [start, end] = pattern.split('*') as [string, string?];
    if (end === undefined) return `${claim} == "${start}"`;
    return [`${claim}.startsWith("${start}")`, ...(end === '' ? [] : [`${claim}.endsWith("${end}")`])].join(' && ');
  });
  return `(${tests.map((test) => (test.includes('&&') ? `(${test})` : test)).join(' || ')})`;
}
