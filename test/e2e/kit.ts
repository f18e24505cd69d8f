import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleActions } from '../../actions/bundle/bundle.ts';
import { kit } from '../../github/kit.ts';

/** By which the workflows of a user name the kit. */
export const reference = `${kit.repository}@${kit.ref}`;

/** What no action needs. */
const leftOut = new Set(['.git', 'bench', 'dist', 'examples', 'node_modules', 'test']);

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is changed for the runner, and so is a copy. */
const translated = new Set(['.github', 'actions', 'action.yml']);

/**
 * What a release of the kit consists of, in the words that the runner knows: it has neither references to one's own repository (`$/`),
 * nor queues, nor environments without deployments. The packages of this checkout are linked, as if they had been restored from a
 * cache, and so is all that is as it is here: the runner copies the kit for each step.
 */
export async function writeKit(directory: string): Promise<void> {
  const release = `${directory}-release`;
  await mkdir(release);
  await mkdir(directory);
  await bundleActions(root.slice(0, -1), join(release, 'dist'));
  for (const name of await readdir(root)) {
    if (leftOut.has(name)) continue;
    if (translated.has(name)) await cp(join(root, name), join(directory, name), { recursive: true });
    else await symlink(join(root, name), join(release, name));
  }
  await symlink(join(root, 'node_modules'), join(release, 'node_modules'));
  for (const name of await readdir(release)) await symlink(join(release, name), join(directory, name));
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
