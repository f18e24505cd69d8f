/** Maps whose keys are the user's own. */
const maps = new Set(['options', 'dockerlabels', 'driveropts', 'labels', 'hookdetails']);

/** `ContainerPort` of CloudFormation → `containerPort` of the API, all the way down. */
export const toApi = (value: unknown): unknown => renamed(value, (key) => key.charAt(0).toLowerCase() + key.slice(1));

/** And back. */
export const toTemplate = (value: unknown): unknown =>
  renamed(value, (key) => key.charAt(0).toUpperCase() + key.slice(1));

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, rename));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [rename(key), maps.has(key.toLowerCase()) ? one : renamed(one, rename)]),
  );
}

/** What a template says, with the values that are really there: defaults that it does not mention stay out. */
export function asReallyIs(written: unknown, real: unknown): unknown {
  if (Array.isArray(written) && Array.isArray(real))
    return written.length === real.length ? written.map((one, index) => asReallyIs(one, real[index])) : real;
  if (!isObject(written) || !isObject(real))
    return typeof written === 'string' && typeof real === 'number' ? String(real) : real;
  return Object.fromEntries(
    Object.entries(written).flatMap(([key, one]) => (key in real ? [[key, asReallyIs(one, real[key])]] : [])),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As it is now, for whoever asked: what happens later does not change it. */
export function copied<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one)])) as T;
}
