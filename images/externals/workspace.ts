import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { integritiesOf, lockfiles } from '../oci/image/mod.ts';
import { ancestors } from './location.ts';
import type { Installed } from './manifest.ts';

/**
 * The directory that packages were installed for: the application's own, or that of the workspace it is in. A lockfile that
 * happens to lie further up counts for nothing.
 */
export function workspaceRoot(root: string, installed: Installed): string {
  for (const directory of ancestors(root)) {
    const isWorkspace =
      installed.manifest(directory)?.workspaces === true || existsSync(join(directory, 'pnpm-workspace.yaml'));
    if (isWorkspace || (directory === root && lockfileIn(directory) !== undefined)) return directory;
  }
  return root;
}

let last: { text: string; integrities: ReadonlyMap<string, string> } | undefined;

/** The integrity of each package by `name@version`, from the lockfile of a workspace. */
export async function readIntegrities(workspace: string): Promise<ReadonlyMap<string, string>> {
  const name = lockfileIn(workspace);
  if (name === undefined) return new Map();
  const text = await readFile(join(workspace, name), 'utf8');
  // The processes of an application share a lockfile, and reading a large one takes longer than bundling.
  if (last?.text !== text) last = { text, integrities: await integritiesOf(name, text) };
  return last.integrities;
}

function lockfileIn(directory: string): (typeof lockfiles)[number] | undefined {
  return lockfiles.find((name) => existsSync(join(directory, name)));
}
