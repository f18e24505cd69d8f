import { posix } from 'node:path';

/** Paths from the root of the repository, of those relative to an application in it; one that begins with `/` is that already. */
export function pathIn(directory: string): (file: string) => string {
  return (file) => (file.startsWith('/') ? file.slice(1) : posix.join(directory, file));
}
