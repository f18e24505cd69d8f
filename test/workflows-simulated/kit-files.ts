import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import type { Files } from '../harness/model.ts';

const root = resolve(import.meta.dirname, '../..');

/** The workflows and actions of this repository, as those that use it get them. */
export function readKit(): Files {
  const below = (folder: string, fits: (path: string) => boolean) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter(fits);
  const paths = [
    ...below('.github/workflows', (path) => path.endsWith('.yml')),
    ...below('actions', (path) => path.endsWith('/action.yml')),
  ];
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** The workflow files that a user copies, where they are copied to. */
export function readTemplates(): Files {
  const names = readdirSync(join(root, 'workflows')).filter((name) => name.endsWith('.yml'));
  return Object.fromEntries(
    names.map((name) => [`.github/workflows/${name}`, readFileSync(join(root, 'workflows', name), 'utf8')]),
  );
}
