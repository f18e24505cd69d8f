import { execFileSync } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { argv } from 'node:process';
import { type LayerFile, layerOf } from '../../../../images/oci/image/mod.ts';

/** Makes the layer of a base image in the directory that is the argument, and prints it as JSON. A process of its own. */
const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
const files = [
  ['bin/node', process.execPath] as const,
  ...Array.from(libraries, ([, path]) => [path!.slice(1), path!] as const),
].map(async ([path, link]): Promise<LayerFile> => {
  const file = await realpath(link);
  return { path, mode: 0o755, content: { file, size: (await stat(file)).size } };
});
console.log(JSON.stringify(await layerOf(await Promise.all(files), { directory: argv[2]! })));
