import type { ReleaseContent } from '../../pipeline/mod.ts';
import { isDigest } from '../oci/repository/name.ts';

/** The version of `release.json` that is read and written here. */
export const contentVersion = 2;

/**
 * What is wrong with the outline of a `release.json`, in a few words; undefined when nothing is. What is in the Graph
 * only the published schema says: looking at all of it takes longer than everything else that is done with a release.
 */
export function problemOfContent(value: unknown): string | undefined {
  const all = record(value);
  if (!all) return 'it is no object';
  const { version, tool, graph, images, migrate, databases, base, inputs, unreproducible } = all;
  if (version !== contentVersion) return `it has no version ${contentVersion}`;
  const checks: Record<keyof Omit<ReleaseContent, 'version'>, boolean> = {
    tool: typeof tool === 'string',
    graph: typeof record(graph)?.application === 'string',
    images: hasDigests(images),
    migrate: migrate === undefined || (typeof migrate === 'string' && Object.hasOwn(record(images) ?? {}, migrate)),
    databases: every(databases, isSchema),
    base: base === undefined || (typeof record(base)?.image === 'string' && isDigestValue(record(base)?.digest)),
    inputs: hasDigests(inputs),
    unreproducible: unreproducible === undefined || isListOf(unreproducible, (one) => typeof one === 'string'),
  };
  const wrong = Object.entries(checks).find(([, right]) => !right);
  return wrong && `its ${wrong[0]} is not as it should be`;
}

function isSchema(value: unknown): boolean {
  const { head, oldest, migrations } = record(value) ?? {};
  return Number.isSafeInteger(head) && Number.isSafeInteger(oldest) && isListOf(migrations, isMigration);
}

function isMigration(value: unknown): boolean {
  const { version, name, file, hash, safety } = record(value) ?? {};
  return Number.isSafeInteger(version) && [name, file, hash, safety].every((one) => typeof one === 'string');
}

function hasDigests(value: unknown): boolean {
  return every(value, isDigestValue);
}

function isDigestValue(value: unknown): boolean {
  return typeof value === 'string' && isDigest(value);
}

function every(value: unknown, right: (one: unknown) => boolean): boolean {
  const all = record(value);
  return all !== undefined && Object.values(all).every(right);
}

function isListOf(value: unknown, right: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(right);
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
