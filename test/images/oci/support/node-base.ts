import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Layer } from '../../../../images/oci/image/mod.ts';

/**
 * A layer with this Node as `/bin/node` and the libraries it loads, in a file in `directory`: what a base image needs to
 * have. Linux only. Made outside of the test's context, in which compressing takes four times as long.
 */
export async function nodeBase(directory: string): Promise<Layer> {
  const script = resolve(import.meta.dirname, 'build-node-base.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, directory]);
  return JSON.parse(stdout) as Layer;
}
