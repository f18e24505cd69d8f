import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleActions } from '../../actions/bundle/bundle.ts';
import { kit } from '../../github/kit.ts';

/** By which the workflows of a user name the kit. */
export const reference = `${kit.repository}@${kit.ref}`;

/** What no action needs. */
const leftOut = new Set(['.git', 'bench', 'dist', 'examples', 'node_modules', 'test']);

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A copy of what a release of the kit consists of, in the words that the runner knows: it has neither references to one's
 * own repository (`$/`), nor queues, nor environments without deployments. The packages of this checkout are linked, as
 * if they had been restored from a cache.
 */
export async function writeKit(directory: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (leftOut.has(name)) continue;
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  await bundleActions(root.slice(0, -1), join(directory, 'dist'));
  for (const path of await definitions(directory)) {
    const text = await readFile(path, 'utf8');
    await writeFile(path, translate(text));
  }
}

/** The workflow files and the definitions of actions. */
async function definitions(directory: string): Promise<string[]> {
  const all = await Promise.all(
    ['actions', '.github/workflows'].map(async (folder) =>
      (await readdir(join(directory, folder), { recursive: true })).map((name) => join(directory, folder, name)),
    ),
  );
  return [join(directory, 'action.yml'), ...all.flat()].filter((path) => path.endsWith('.yml'));
}

function translate(text: string): string {
  return text
    .replace(/(?<=uses: )\$\/(\S+)/g, `${kit.repository}/$1@${kit.ref}`)
    .replace(/^ +queue: max\n/gm, '')
    .replace(/^ +deployment: false.*\n/gm, '');
}
