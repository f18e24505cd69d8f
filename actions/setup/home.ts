import { createHash, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** What environments of this machine are run by, besides the installed packages: bundles, and the files that they read. */
const parts = ['dist', 'analyzer', 'docs', 'images', 'local', 'pipeline', 'runtime', 'node_modules', 'package.json'];

/**
 * Where a copy of the kit lies for as long as anything of it may run. The runner deletes the folders of actions before each job, and
 * environments of this machine outlive theirs.
 * @param root of the kit, as the runner has downloaded it
 */
export function homeOf(root: string, stateDirectory: string): string {
  const hash = createHash('sha256');
  const dist = join(root, 'dist');
  for (const name of readdirSync(dist).sort()) hash.update(`\0${name}\0`).update(readFileSync(join(dist, name)));
  return join(stateDirectory, 'kit', hash.digest('hex').slice(0, 16));
}

/** Whether the runner has downloaded the kit for this job alone. */
export function isPassing(root: string): boolean {
  return root.split(sep).includes('_actions');
}

/** Copies the kit to its home. A copy appears whole or not at all, and stays. */
export function settle(root: string, home: string): void {
  if (existsSync(home)) return;
  const draft = `${home}.${randomUUID()}`;
  mkdirSync(dirname(home), { recursive: true });
  try {
    for (const part of parts.filter((one) => existsSync(join(root, one))))
      cpSync(join(root, part), join(draft, part), { recursive: true, verbatimSymlinks: true });
    renameSync(draft, home);
  } catch (error) {
    // Another job on this machine was first.
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
