import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageFile } from '../files.ts';
import type { ShippedPackage } from '../oci/image/mod.ts';

/** The program that makes databases and roles, bundled. */
export interface Provisioner {
  /** `provision.mjs`. */
  program: ImageFile;
  /** What it loads when it connects: the driver, which changes seldom. */
  driver: ImageFile[];
  packages: readonly ShippedPackage[];
}

/** Where it is kept: part of what building the kit makes. */
function place(runtime: string): string {
  return join(runtime, 'dist/provisioner');
}

export async function keepProvisioner(directory: string, one: Provisioner): Promise<void> {
  const files = [one.program, ...one.driver];
  const index: Index = { files: files.map(({ path }) => path), packages: one.packages };
  for (const { path, bytes } of files) {
    const target = join(place(directory), path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
  await writeFile(join(place(directory), 'provisioner.json'), `${JSON.stringify(index, null, 2)}\n`);
}

/** @throws Error when it is not there: the kit was not built */
export async function readProvisioner(directory: string): Promise<Provisioner> {
  const read = (name: string) => readFile(join(place(directory), name));
  const index = JSON.parse((await read('provisioner.json')).toString()) as Index;
  const files = await Promise.all(index.files.map(async (path) => ({ path, bytes: await read(path) })));
  const [first, ...driver] = files;
  return { program: first!, driver, packages: index.packages };
}

interface Index {
  /** The program first. */
  files: string[];
  packages: readonly ShippedPackage[];
}
