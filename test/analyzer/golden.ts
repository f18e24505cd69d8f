import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The files of a golden application, relative to it. */
export function sources(application: string): string[] {
  return readdirSync(application, { recursive: true, encoding: 'utf8' })
    .map((path) => join(application, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(application, path))
    .sort();
}
