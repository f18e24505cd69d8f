import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Files of which one makes a directory the root of an application. */
const ofApplications = ['encore.app', 'fairlead.json'];

/**
 * The application's root: of `dir` and `argument`, which is relative to it, or the nearest directory above with an `encore.app` or a
 * `fairlead.json`. A directory with a `package.json` is taken as it is, and nothing above a package is looked at: what is meant is then
 * said by name. The directory itself where nothing is found.
 * @returns absolute; it need not be there
 */
export function rootOf(dir = '.', argument = '.'): string {
  const named = resolve(dir, argument);
  for (let at = named; ; at = dirname(at)) {
    if (ofApplications.some((file) => existsSync(join(at, file)))) return at;
    if (existsSync(join(at, 'package.json')) || at === dirname(at)) return named;
  }
}
