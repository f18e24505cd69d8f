import { NotModelled } from './not-modelled.ts';

/**
 * Whether a branch passes `branches` and `branches-ignore`. Patterns are taken in order, and `!` takes back.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function passesBranches(branch: string, only: string[] | undefined, ignored: string[] | undefined): boolean {
  if (ignored) return !matchesAny(branch, ignored);
  return only ? matchesAny(branch, only) : true;
}

function matchesAny(branch: string, patterns: string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (filter(pattern.slice(1)).test(branch)) matched = false;
    } else if (filter(pattern).test(branch)) matched = true;
  }
  return matched;
}

/** `*` stops at a slash, `**` does not; `?`, `+` and `[]` are of the character before, as in a regular expression. */
function filter(pattern: string): RegExp {
  if (/[?+[\]\\]/.test(pattern)) throw new NotModelled(`the filter pattern ${pattern}`);
  return glob(pattern, true);
}

/**
 * Whether the ref of a run matches a rule of an environment. A wildcard does not match a slash.
 * https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments#deployment-branches-and-tags
 */
export function matchesDeploymentRef(ref: string, pattern: string): boolean {
  if (/[?+[\]\\{]/.test(pattern)) throw new NotModelled(`the deployment branch rule ${pattern}`);
  return glob(pattern, false).test(ref.replace(/^refs\/heads\//, ''));
}

function glob(pattern: string, doubleStar: boolean): RegExp {
  const source = pattern
    .split(/(\*+)/)
    .map((part) =>
      part.startsWith('*') ? (doubleStar && part.length > 1 ? '.*' : '[^/]*') : part.replace(/[.^$()|{}/]/g, '\\$&'),
    );
  return new RegExp(`^${source.join('')}$`);
}
