import { parse as parseJsonc } from 'jsonc-parser';

/** The lockfiles that say what was installed, in the order in which they are looked for. */
export const lockfiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
] as const;

type Lockfile = (typeof lockfiles)[number];

/**
 * The integrity (`sha512-…`) of each package by `name@version`. Empty where a lockfile has none: later versions of Yarn
 * keep checksums of archives of their own instead.
 */
export async function integritiesOf(file: Lockfile, text: string): Promise<Map<string, string>> {
  const entries = await readers[file](text);
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

type Entries = [key: string, integrity: unknown][];

const readers: Record<Lockfile, (text: string) => Entries | Promise<Entries>> = {
  'package-lock.json': npm,
  'npm-shrinkwrap.json': npm,
  'pnpm-lock.yaml': pnpm,
  'yarn.lock': yarn,
  'bun.lock': bun,
};

/** `"packages": { "node_modules/a/node_modules/b": { "version", "integrity", "name" when it is another } }` */
function npm(text: string): Entries {
  return Object.entries(record(record(JSON.parse(text)).packages)).map(([path, value]) => {
    const { name, version, integrity } = record(value);
    return [`${name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`, integrity];
  });
}

/** `packages: { 'a@1.0.0': { resolution: { integrity } } }`; before version 9 `/a@1.0.0(peer@2.0.0)`. */
async function pnpm(text: string): Promise<Entries> {
  // Takes a while to load, and the other lockfiles do without.
  const { parse } = await import('yaml');
  return Object.entries(record(record(parse(text)).packages)).map(([key, value]) => [
    key.replace(/^\//, '').replace(/\(.*$/, ''),
    record(record(value).resolution).integrity,
  ]);
}

/** Blocks of `"a@^1.0.0", "a@1":`, `  version "1.0.0"` and `  integrity sha512-…`, in version 1. */
function yarn(text: string): Entries {
  return text.split(/\r?\n(?=\S)/).map((block) => {
    const name = /^"?(@?[^@"\s]+)@(?:npm:(@?[^@"\s]+)@)?/.exec(block);
    const version = /^ {2}version "(.+)"/m.exec(block)?.[1];
    return [`${name?.[2] ?? name?.[1]}@${version}`, /^ {2}integrity (\S+)/m.exec(block)?.[1]];
  });
}

/** `"packages": { "a": ["a@1.0.0", registry, {…}, "sha512-…"] }`, with comments and trailing commas. */
function bun(text: string): Entries {
  const { packages } = record(parseJsonc(text, [], { allowTrailingComma: true }));
  return Object.values(record(packages)).flatMap((value): Entries => {
    const [key, , , integrity] = Array.isArray(value) ? (value as unknown[]) : [];
    return typeof key === 'string' ? [[key, integrity]] : [];
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
