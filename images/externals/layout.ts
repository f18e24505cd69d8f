import { dirname, join, relative, sep } from 'node:path';
import { slashes } from '../bundle/esbuild.ts';

/** Something to be carried: a file, or a link with what it leads to. Absolute paths. */
export interface Found {
  path: string;
  /** Absent for a file. */
  target?: string;
}

/** Where it lies in the image: relative, with `/`. */
export interface Placed {
  path: string;
  /** The file on this machine. */
  file?: string;
  /** Relative to the directory of the link. */
  link?: string;
}

export interface LayoutOptions {
  found: readonly Found[];
  /** By the names that the bundle calls: directories of packages. */
  entries: ReadonlyMap<string, string>;
  /** The application's directory, and that of its workspace. What lies elsewhere is in a store that projects share. */
  root: string;
  workspace: string;
  /** Says what a package is called in a store: `sharp@0.33.5`. */
  nameOf: (directory: string) => string;
}

/** Where the directories are that have several `node_modules`, of a workspace or of a store. */
const mirror = 'node_modules/.carried';

/**
 * Gives everything a place where Node's own algorithm finds the same as on this machine: the places are the same, as seen
 * from one another. A single `node_modules` is taken as it is. Of several, which could not all lie beside the bundle, a
 * mirror is made below it; the names that the bundle calls are links into it.
 */
export function layOut({ found, entries, root, workspace, nameOf }: LayoutOptions): Placed[] {
  const paths = found.map(({ path }) => path);
  const base = shortest([
    workspace,
    ...paths.map((path) => holderOf(path, workspace)).filter((one) => isIn(root, one)),
  ]);
  const [holder = '', ...others] = new Set(paths.map((path) => holderOf(path, base)));
  const placeOf = holder !== '' && others.length === 0 ? single(holder) : mirrored(found, base, nameOf);
  return arrange(found, entries, placeOf);
}

function arrange(
  found: readonly Found[],
  entries: LayoutOptions['entries'],
  placeOf: (path: string) => string,
): Placed[] {
  const files = found.filter(({ target }) => target === undefined);
  const paths = new Map(files.map(({ path }) => [placeOf(path), path]));
  const directories = new Set([...paths.keys()].flatMap(above));
  const links = new Map(
    found.flatMap(({ path, target }) => (target === undefined ? [] : [[placeOf(path), placeOf(target)] as const])),
  );
  for (const [name, directory] of entries) {
    const [path, target] = [`node_modules/${name}`, placeOf(directory)];
    if (path !== target && !links.has(path)) links.set(path, target);
  }
  const isReal = (path: string): boolean => directories.has(path) || paths.has(path);
  const kept = [...links].filter(([path, target]) => !isReal(path) && (isReal(target) || links.has(target)));
  return [
    ...Array.from(paths, ([path, file]) => ({ path, file })),
    ...kept.map(([path, target]) => ({ path, link: slashes(relative(dirname(path), target)) })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function shortest(paths: readonly string[]): string {
  return paths.reduce((a, b) => (b.length < a.length ? b : a));
}

function isIn(path: string, directory: string): boolean {
  return directory !== '' && (path === directory || path.startsWith(`${directory}${sep}`));
}

/** The directory that has the topmost `node_modules` of a path; empty for a path without one. */
function holderOf(path: string, base: string): string {
  const from = isIn(path, base) ? base.length : 0;
  const at = path.indexOf(`${sep}node_modules${sep}`, from);
  return at === -1 ? '' : path.slice(0, at);
}

function single(holder: string): (path: string) => string {
  return (path) => slashes(relative(holder, path));
}

/** The directory that was installed for lies in the mirror as it is; what is in a store by the names of the packages there. */
function mirrored(found: readonly Found[], base: string, nameOf: LayoutOptions['nameOf']): (path: string) => string {
  const inStore = found.filter(({ path }) => !isIn(path, base) && holderOf(path, base) !== '');
  const byHolder = Map.groupBy(inStore, ({ path }) => holderOf(path, base));
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [holder, all] of [...byHolder].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const real = all
      .filter(({ target }) => target === undefined)
      .map(({ path }) => nameOf(path))
      .sort();
    const first = slashes(real[0] ?? 'package').replaceAll('/', '+');
    let name = first;
    for (let number = 2; taken.has(name); number += 1) name = `${first}-${number}`;
    taken.add(name);
    names.set(holder, name);
  }
  return (path) => {
    if (isIn(path, base)) return `${mirror}/${slashes(relative(base, path))}`;
    const holder = holderOf(path, base);
    return slashes(join(mirror, '.store', names.get(holder) ?? '', relative(holder, path)));
  };
}

function above(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...above(parent)];
}
