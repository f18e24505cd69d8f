import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { patient } from './patient.ts';

// The types of the package are those of its CommonJS form.
const { default: Sequencer }: typeof import('@jest/test-sequencer') = createRequire(import.meta.url)(
  '@jest/test-sequencer',
);
type Tests = Parameters<InstanceType<typeof Sequencer>['sort']>[0];

/** What takes long, longest first: by folders whose tests run commands, servers and databases. The others mostly compute, for a short time. */
const longest: ((path: string) => boolean)[] = [
  isIn('e2e'),
  (path) => patient.some((name) => path.endsWith(`${sep}${name.replaceAll('/', sep)}`)),
  ...['local', 'cli', 'images', 'runtime', 'examples'].map(isIn),
];

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
  const rank = longest.findIndex((holds) => holds(path));
  return rank < 0 ? longest.length : rank;
}

function isIn(folder: string): (path: string) => boolean {
  return (path) => path.includes(`${sep}test${sep}${folder}${sep}`);
}
