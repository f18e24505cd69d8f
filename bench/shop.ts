import { chmod, cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from './run-command.ts';

const kit = resolve(import.meta.dirname, '..');

/** The example application in a directory of its own, with a state directory beside it; all of it goes at the end. */
export interface Shop {
  root: string;
  /** Runs `fairlead` in a new process. @throws Error when it fails */
  fairlead(args: string[], input?: string): ReturnType<typeof runCommand>;
  stateDirectory: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The path of something in this repository. */
export function inKit(path: string): string {
  return join(kit, path);
}

export async function copyShop(): Promise<Shop> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  // PostgreSQL runs as another user when we are root, and must be able to pass through.
  await chmod(home, 0o711);
  const [root, stateDirectory] = [join(home, 'shop'), join(home, 'state')];
  await cp(inKit('examples/shop'), root, { recursive: true, filter: (path) => !/node_modules|encore\.gen/.test(path) });
  await symlink(inKit('node_modules'), join(root, 'node_modules'));
  return {
    root,
    stateDirectory,
    fairlead: (args, input) =>
      runCommand([inKit('cli/bin.js'), ...args], {
        cwd: root,
        env: { FAIRLEAD_STATE_DIR: stateDirectory, FAIRLEAD_CACHE_DIR: join(home, 'cache') },
        input,
      }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
