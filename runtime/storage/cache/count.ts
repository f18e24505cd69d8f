/** A number of items. @throws RangeError when there is no such number */
export function count(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`a number of items is whole and not negative: ${value}`);
}
