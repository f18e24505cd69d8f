import { Decimal } from '../../types/decimal.ts';

/** A query's value as the driver wants it: JSON for objects, UTC for dates, NULL for `undefined`. @throws TypeError for what is no value */
export function toParameter(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Decimal) return value.value;
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return toArray(value);
  if (typeof value === 'object') return JSON.stringify(value);
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new TypeError(`a parameter of a query is a value, not a ${typeof value}`);
  return value;
}

/** A list of objects is JSON; every other list is a PostgreSQL array. */
function toArray(values: unknown[]): unknown {
  return values.some(isRecord) ? JSON.stringify(values) : values.map(toParameter);
}

function isRecord(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date || value instanceof Decimal || value instanceof ArrayBuffer || ArrayBuffer.isView(value))
  );
}
