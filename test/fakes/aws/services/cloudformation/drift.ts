import type { Properties } from '../../model.ts';
import { isRecord, same } from './spec.ts';
import type { Difference } from './stack.ts';

/**
 * "Detect unmanaged configuration changes to stacks and resources with drift detection": only what the template says explicitly is
 * compared. A property that is not part of what is read cannot be compared; one that is read as null was taken away.
 */
export function differences(expected: Properties, actual: Properties): Difference[] {
  return Object.entries(expected).flatMap(([name, value]) =>
    name in actual ? inValue(`/${name}`, value, actual[name]) : [],
  );
}

/**
 * What a template says, with the actual values of the properties that drifted. "Using drift-aware change sets": they compare with what drift
 * detection finds, which takes no notice of defaults that the template does not mention.
 */
export function asDrifted(expected: Properties, actual: Properties): Properties {
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => {
      const drifted = differences({ [name]: value }, actual).length > 0;
      return [name, drifted ? actual[name] : value];
    }),
  );
}

function inValue(path: string, expected: unknown, actual: unknown): Difference[] {
  if (same(expected, actual)) return [];
  if (actual === undefined || actual === null) return [{ path, expected, type: 'REMOVE' }];
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      inItem(`${path}/${index}`, expected[index], actual[index]),
    );
  }
  if (isRecord(expected) && isRecord(actual)) {
    return Object.entries(expected).flatMap(([key, value]) => inValue(`${path}/${key}`, value, actual[key]));
  }
  return [{ path, expected, actual, type: 'NOT_EQUAL' }];
}

const inItem = (path: string, expected: unknown, actual: unknown): Difference[] =>
  expected === undefined ? [{ path, actual, type: 'ADD' }] : inValue(path, expected, actual);
