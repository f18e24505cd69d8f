import { dirname, join } from 'node:path';

/** What to do where a directory has no `package.json`: one above it may be what was meant. @param isFile of absolute paths */
export function namePackage(directory: string, isFile: (path: string) => boolean): string {
  const help = 'Name the directory that holds the package.json of the application';
  for (let at = directory; at !== dirname(at); at = dirname(at)) {
    if (isFile(join(dirname(at), 'package.json'))) return `${help}, such as ${dirname(at)}.`;
  }
  return `${help}.`;
}
