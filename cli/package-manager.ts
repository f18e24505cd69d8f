import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PackageManager } from '../analyzer/workspaces.ts';
import { lockfiles } from '../github/init/applications.ts';
import { readText } from './application.ts';

/** What installed the packages of an application: by the nearest lockfile, of the application itself or of the workspace it is in. @default npm */
export function packageManagerOf(directory: string): PackageManager {
  for (let at = directory; ; at = dirname(at)) {
    const found = lockfiles.find(([file]) => existsSync(join(at, file)));
    if (found) return found[1];
    // Above the repository is somebody else's.
    if (at === dirname(at) || existsSync(join(at, '.git'))) return 'npm';
  }
}

/** A script of `package.json`; undefined when there is none of that name. */
export function scriptOf(directory: string, name: string): string | undefined {
  const { scripts } = JSON.parse(readText(directory, 'package.json') ?? '{}') as { scripts?: Record<string, unknown> };
  const script = scripts !== undefined && Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  return typeof script === 'string' && script.trim() !== '' ? script : undefined;
}

/** The arguments with which a package manager runs a script. */
export function runScript(manager: PackageManager, script: string, args: readonly string[]): string[] {
  // Only npm takes options for itself unless it is told that they are not.
  return ['run', script, ...(manager === 'npm' && args.length > 0 ? ['--', ...args] : args)];
}
