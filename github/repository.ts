import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

/** Files of an application as the repository that holds it names them. */
export interface Repository {
  /** The directory of the application in the repository, with `/`; empty for the root. */
  prefix: string;
  /** The path relative to the root of the repository, of one relative to the application's root. */
  pathOf(file: string): string;
}

/** The repository around an application: the nearest directory upwards with a `.git`, else the application's own. */
export function repositoryOf(application: string): Repository {
  const directory = realpathSync(application);
  const prefix = relative(rootOf(directory) ?? directory, directory)
    .split(sep)
    .join('/');
  return { prefix, pathOf: (file) => posix.join(prefix, file) };
}

function rootOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : rootOf(parent);
}
