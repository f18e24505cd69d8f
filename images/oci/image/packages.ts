import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Metafile } from 'esbuild';
import { isMissing } from '../../files.ts';

/** A package that an image has at least one file or statement of. */
export interface ShippedPackage {
  /** As its own package.json says, whatever it is installed as. */
  name: string;
  version: string;
  /** An SPDX expression, or what else the package says. Absent when it says nothing. */
  license?: string;
  /** Subresource Integrity of what was installed, by the lockfile: `sha512-…` in base64. */
  integrity?: string;
}

/** The files that a bundle has something of, as esbuild names them; what it left out entirely is not among them. */
export function bundledInputs({ outputs }: Pick<Metafile, 'outputs'>): string[] {
  const used = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  return [...new Set(used)].sort();
}

/**
 * The packages that files belong to, each once, by name and version: the nearest package.json above a file, up to
 * `node_modules`, that has both. What lies outside of `node_modules` is the application's own.
 * @param files with `/`, absolute or relative to `root`
 * @param integrities by `name@version`
 */
export async function packagesIn(
  root: string,
  files: Iterable<string>,
  integrities: ReadonlyMap<string, string> = new Map(),
): Promise<ShippedPackage[]> {
  const find = finder();
  const found = new Map<string, ShippedPackage>();
  for (const file of files) {
    if (!file.includes('node_modules/')) continue;
    const owner = await find(posix.dirname(posix.resolve(root, file)));
    if (owner === undefined) continue;
    const key = `${owner.name}@${owner.version}`;
    const integrity = integrities.get(key);
    found.set(key, { ...owner, ...(integrity !== undefined && { integrity }) });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, owner]) => owner);
}

/** Looks each directory up once. */
function finder(): (directory: string) => Promise<ShippedPackage | undefined> {
  const known = new Map<string, Promise<ShippedPackage | undefined>>();
  const find = (directory: string): Promise<ShippedPackage | undefined> => {
    const before = known.get(directory);
    if (before !== undefined) return before;
    const work = look(directory);
    known.set(directory, work);
    return work;
  };
  const look = async (directory: string): Promise<ShippedPackage | undefined> => {
    if (posix.basename(directory) === 'node_modules' || directory === '/') return undefined;
    return (await readPackage(directory)) ?? find(posix.dirname(directory));
  };
  return find;
}

async function readPackage(directory: string): Promise<ShippedPackage | undefined> {
  const content = await readManifest(posix.join(directory, 'package.json'));
  if (typeof content?.name !== 'string' || typeof content.version !== 'string') return undefined;
  const license = licenseOf(content);
  return { name: content.name, version: content.version, ...(license !== undefined && { license }) };
}

async function readManifest(file: string): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    // Packages carry broken ones among their tests and templates: such a file names nothing.
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `license`, once an object, once a list named `licenses` from which one may choose. */
function licenseOf({ license, licenses }: Record<string, unknown>): string | undefined {
  const all = [license ?? licenses ?? []].flat().flatMap((entry: unknown) => {
    const name = typeof entry === 'object' && entry !== null && 'type' in entry ? entry.type : entry;
    return typeof name === 'string' && name !== '' ? [name] : [];
  });
  return all.length > 1 ? `(${all.join(' OR ')})` : all[0];
}
