import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Leaving } from './keep-out.ts';
import { ancestors } from './location.ts';
import type { Installed, Manifest } from './manifest.ts';
import { resolveEntry } from './resolve.ts';

/**
 * Packages that an application names for others to load: `pino({ transport: { target: 'pino-pretty' } })`, or Express with
 * `app.set('view engine', 'ejs')`. Nothing imports them, or it does not help: who loads one by its name does not find what is in the bundle.
 */

const quoted =
  /(?:(?<engine>\bview engine["'`]\s*,\s*|\bsetViewEngine\(\s*)|(?<target>\btarget\s*:\s*))?(?<quote>["'`])(?<name>(?:@[\w.-]+\/)?[a-z][\w.-]*)\k<quote>/g;

export interface NamingOptions {
  /** The topmost directory whose package.json counts. */
  workspace: string;
  installed: Installed;
  /** Whether a package is loaded anyway, by its directory. */
  isLoaded: (directory: string) => boolean;
}

/**
 * What these files of the application name of its dependencies for production, where it is not loaded anyway. What writes the log
 * readably counts from among the others, too, since it is installed for development.
 */
export function namedPackages(files: readonly string[], options: NamingOptions): Leaving[] {
  const found = files.filter((file) => /\.[cm]?[jt]sx?$/.test(file)).flatMap((file) => namedIn(file, options));
  return [...new Map(found.map((one) => [one.entry, one])).values()];
}

function namedIn(file: string, { workspace, installed, isLoaded }: NamingOptions): Leaving[] {
  const directory = dirname(file);
  const manifest = manifestAbove(directory, workspace, installed);
  if (manifest === undefined) return [];
  const production = new Set([...manifest.dependencies, ...manifest.optionalDependencies]);
  const development = new Set(manifest.devDependencies);
  const all = Array.from(readFileSync(file, 'utf8').matchAll(quoted), ({ groups }) => groups!);
  const names = all.filter(
    ({ name = '', target }) => production.has(name) || (target !== undefined && development.has(name)),
  );
  const byName = new Set(names.flatMap(({ name, engine, target }) => ((engine ?? target) ? [name] : [])));
  return [...new Set(names.map(({ name }) => name!))].flatMap((name) => {
    const at = installed.lookUp(name, directory);
    if (at === undefined || (isLoaded(at) && !byName.has(name))) return [];
    const entries = (['require', 'import'] as const).flatMap(
      (means) => resolveEntry(name, directory, means, () => installed.manifest(at))?.file ?? [],
    );
    return entries.map((entry) => ({
      specifier: name,
      importer: file,
      directory,
      package: at,
      alias: name,
      written: name,
      entry,
    }));
  });
}

function manifestAbove(directory: string, workspace: string, installed: Installed): Manifest | undefined {
  for (const at of ancestors(directory)) {
    const manifest = installed.manifest(at);
    if (manifest !== undefined || at === workspace) return manifest;
  }
  return undefined;
}
