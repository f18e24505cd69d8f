import type { Value } from './expressions.ts';
import { NotModelled } from './not-modelled.ts';

type Combination = { [key: string]: Value };

/**
 * The jobs of a matrix.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
 * @throws when a vector is empty, which fails the job.
 */
export function combinations(matrix: Value): Combination[] {
  if (!isMapping(matrix)) throw new NotModelled('a matrix that is no mapping');
  const { include = [], exclude = [], ...vectors } = matrix;
  let made: Combination[] = Object.keys(vectors).length > 0 ? [{}] : [];
  for (const [name, values] of Object.entries(vectors)) {
    if (!Array.isArray(values)) throw new NotModelled(`the matrix vector ${name}, which is no list`);
    if (values.length === 0) throw new Error(`Matrix vector '${name}' does not contain any values`);
    made = made.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value })));
  }
  const kept = made.filter((combination) => !rules(exclude).some((rule) => agrees(combination, rule)));
  const original = kept.map((combination) => ({ ...combination }));
  for (const rule of rules(include)) {
    const matching = kept.filter((_, index) => {
      const own = original[index];
      return own && Object.entries(rule).every(([key, value]) => !(key in own) || same(own[key]!, value));
    });
    if (matching.length === 0) kept.push({ ...rule });
    for (const combination of matching) Object.assign(combination, rule);
  }
  if (kept.length === 0) throw new Error('Matrix must define at least one vector');
  return kept;
}

function rules(value: Value): Combination[] {
  if (!Array.isArray(value)) throw new NotModelled('an include or exclude that is no list');
  return value.map((rule) => {
    if (!isMapping(rule)) throw new NotModelled('an include or exclude of anything but mappings');
    return rule;
  });
}

function agrees(combination: Combination, rule: Combination): boolean {
  return Object.entries(rule).every(([key, value]) => key in combination && same(combination[key]!, value));
}

function same(one: Value, other: Value): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isMapping(value: Value): value is Combination {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
