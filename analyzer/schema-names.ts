import { compare } from './report.ts';

const references = '#/schemas/';

/**
 * What people call schemas: `<directory>.<Name>` with the names of the type arguments. Identities that would share a name are
 * counted in their order, so the same set always gives the same names.
 */
export function shortNames(identities: Iterable<string>): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const identity of [...identities].sort(compare)) {
    const name = unused(shortName(identity), taken);
    taken.add(name);
    names.set(identity, name);
  }
  return names;
}

/** A copy in which every `$ref` to a schema of the map refers to it by its new name. */
export function renameReferences<T>(value: T, names: ReadonlyMap<string, string>): T {
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, names)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const identity = key === '$ref' ? referred(inner) : undefined;
    const name = identity === undefined ? undefined : names.get(identity);
    return [key, name === undefined ? renameReferences(inner, names) : references + name];
  });
  return Object.fromEntries(entries) as T;
}

/** The key that a `$ref` names among the schemas; undefined for any other value. */
export function referred(reference: unknown): string | undefined {
  return typeof reference === 'string' && reference.startsWith(references)
    ? reference.slice(references.length)
    : undefined;
}

export function referenceTo(key: string): { $ref: string } {
  return { $ref: references + key };
}

/** The keys of all `$ref`s in a value. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const identity = key === '$ref' ? referred(inner) : undefined;
    return identity === undefined ? referencesIn(inner) : [identity];
  });
}

function unused(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? name : `${name}_${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function shortName(identity: string): string {
  const text = identity
    .replaceAll(/([^#<>,|]*)#(?:[\w$]+\.)*/g, (_, file: string) => directoryOf(decode(file)))
    .replaceAll(/~[\w.]+/g, '')
    .replaceAll('[]', 'Array')
    .replaceAll('|', '_or_')
    .replaceAll(/[<,]/g, '_')
    .replaceAll('>', '');
  return decode(text)
    .replaceAll(/["'`]/g, '')
    .replaceAll(/[^\w.$-]/g, '_');
}

/** Of a package its name, of a runtime module its specifier, of any other file its directory; with a dot at its end. */
function directoryOf(file: string): string {
  const library = /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  const module = file.startsWith('encore.dev') ? file : undefined;
  const directory = library ?? module ?? file.split('/').slice(0, -1).join('/');
  const words = directory.split(/[^A-Za-z0-9_]+/).filter((word) => word !== '');
  return words.map((word) => `${word}.`).join('');
}

function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
