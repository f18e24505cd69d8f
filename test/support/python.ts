import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The Python that has a package, installed once for this user. Undefined when there is no Python or the package cannot be had.
 * @param requirements the name with extras, and what else is needed, with versions @default the name
 */
export function pythonWith(
  name: string,
  version: string,
  [requirement = name, ...others]: string[] = [],
): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead', 'test');
  const place = join(cache, `${name}-${version}`);
  const python = join(place, 'bin', 'python');
  if (existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'install-'));
  const run = (program: string, ...args: string[]) =>
    spawnSync(program, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
  try {
    const pip = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      `${requirement}==${version}`,
      ...others,
    ];
    if (!run('python3', '-m', 'venv', draft) || !run(join(draft, 'bin', 'python'), ...pip)) return undefined;
    renameSync(draft, place);
    return python;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
