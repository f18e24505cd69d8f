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

/** `*` stops at a slash, `**` does not. */
function filter(pattern: string): RegExp {
  // These are of the character before, as in a regular expression.
  if (/[?+[\]\\]/.test(pattern)) throw new NotModelled(`the filter pattern ${pattern}`);
  const parts = pattern.split(/(\*+)/).map((part) => {
    if (part.startsWith('*')) return part.length > 1 ? '.*' : '[^/]*';
    return part.replace(/[.^$()|{}/]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
