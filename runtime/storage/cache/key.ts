/** A scalar, or an object with a field for each parameter of the pattern. */
export type Key = string | number | bigint | boolean | object;

/** Keys that begin so belong to the runtime. */
const reserved = '__encore';

/**
 * The key of a value, from a pattern of segments after slashes, literals and `:parameter`. Text in parameters cannot make the
 * key of other values: `/` becomes `\/`, and `\` becomes `\\`.
 * @throws TypeError when the key does not fit the pattern or begins with `__encore`
 */
export function mapKey(pattern: string, key: Key): string {
  if (!isScalar(key) && (typeof key !== 'object' || key === null))
    throw new TypeError(`a key is text, a number, a boolean or an object: ${String(key)}`);
  const segments = pattern.split('/');
  const parameters = segments.filter((segment) => segment.startsWith(':'));
  if (typeof key !== 'object' && parameters.length !== 1)
    throw new TypeError(`the key pattern "${pattern}" does not have exactly one parameter for the key ${key}`);
  const mapped = segments
    .map((segment) => (segment.startsWith(':') ? escapeSlashes(parameter(pattern, segment.slice(1), key)) : segment))
    .join('/');
  if (mapped.startsWith(reserved)) throw new TypeError(`keys that begin with "${reserved}" are reserved: ${mapped}`);
  return mapped;
}

function parameter(pattern: string, name: string, key: Key): unknown {
  if (typeof key !== 'object') return key;
  const value = Object.hasOwn(key, name) ? Reflect.get(key, name) : undefined;
  if (isScalar(value)) return value;
  throw new TypeError(`the key has no text, number or boolean \`${name}\` for the key pattern "${pattern}"`);
}

/** What was computed wrongly is no key: values that have nothing to do with each other would share it. */
function isScalar(value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) && !Number.isNaN(value);
}

function escapeSlashes(value: unknown): string {
  return String(value).replace(/[\\/]/g, '\\$&');
}
