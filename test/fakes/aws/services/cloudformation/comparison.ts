import type { Properties } from '../../model.ts';
import { type Recreation, recreation, same, tagProperty } from './spec.ts';

export interface PropertyChange {
  name: string;
  before: unknown;
  after: unknown;
  recreation: Recreation;
  /** Whether it is the property that holds tags, which the API counts apart. */
  isTags: boolean;
}

/** Property by property. What is not known counts as changed. */
export function compare(type: string, before: Properties, after: Properties): PropertyChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const tags = tagProperty(type)?.name;
  return names
    .filter((name) => !same(before[name], after[name]))
    .map((name) => ({
      name,
      before: before[name],
      after: after[name],
      recreation: recreation(type, name, before[name], after[name]),
      isTags: name === tags,
    }));
}
