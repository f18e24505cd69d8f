import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { patient } from './patient.ts';

// The types of the package are those of its CommonJS form.
const { default: Sequencer }: typeof import('@jest/test-sequencer') = createRequire(import.meta.url)(
  '@jest/test-sequencer',
);
type Tests = Parameters<InstanceType<typeof Sequencer>['sort']>[0];

/** The folders whose tests run commands, servers and databases, longest first; the others mostly compute, for a short time. */
const longest = ['e2e', 'patient', 'local', 'cli', 'images', 'runtime', 'examples'];

/**
 * Begins with what takes long, so that no worker is left with it at the end. Jest does so too where it has run before; the
 * first time it goes by the size of the files, which says little: the smallest of ours takes longest.
 */
// biome-ignore lint/style/noDefaultExport: this is where Jest looks.
export default class LongestFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    const known = sorted.every(({ duration }) => duration !== undefined);
    return known ? sorted : sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ path }: Tests[number]): number {
  const inFolder = (folder: string) => path.includes(`${sep}test${sep}${folder}${sep}`);
  const takesLong = patient.some((name) => path.endsWith(`${sep}${name.replaceAll('/', sep)}`));
  const rank = longest.findIndex((name) => (name === 'patient' ? takesLong : inFolder(name)));
  return rank < 0 ? longest.length : rank;
}
