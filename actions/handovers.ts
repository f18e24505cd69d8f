import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHandover } from '../images/handover/mod.ts';
import { digestOf } from '../images/oci/descriptor.ts';
import type { Handovers } from './runner.ts';

/** Handovers in directories of this machine. */
export const handovers: Handovers = {
  async open(directory, { digest, commit }) {
    return openHandover(directory, { digest: digest ?? (await digestIn(directory)), commit });
  },
};

/** What it says of itself, where the digest of the whole artifact was compared already. */
async function digestIn(directory: string): Promise<string> {
  try {
    return digestOf(await readFile(join(directory, 'handover.json')));
  } catch (error) {
    // That it is not there is for who opens it to say.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
