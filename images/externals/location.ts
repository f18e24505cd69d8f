import { dirname, join, sep } from 'node:path';

/**
 * The directory of the package that an installed file belongs to, by its path alone: what follows the last
 * `node_modules`. Undefined for a file that is not below one.
 */
export function packageDirectoryOf(file: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  const at = file.lastIndexOf(marker);
  if (at === -1) return undefined;
  const start = at + marker.length;
  const [first = '', second = ''] = file.slice(start).split(sep);
  // `.prisma/client` is generated there, and in two parts as the packages of a scope.
  const name = /^[@.]/.test(first) ? join(first, second) : first;
  return join(file.slice(0, start), name);
}

/** The name that a package is installed by: that of its directory. */
export function installedName(directory: string): string {
  return directory
    .slice(directory.lastIndexOf(`${sep}node_modules${sep}`) + '/node_modules/'.length)
    .replaceAll(sep, '/');
}

/** Whether the directory of a package is made by a tool that was run here, such as `.prisma/client`. */
export function isGenerated(directory: string): boolean {
  return packageDirectoryOf(directory) === directory && installedName(directory).startsWith('.');
}

/** `@img/sharp` of `@img/sharp/lib`; undefined for a specifier that names no package, such as `./a` or `#a`. */
export function packageNameOf(specifier: string): string | undefined {
  return /^(?:[@.][^./][^/]*\/[^/]+|[^@./#][^/:]*)(?=$|\/)/.exec(specifier)?.[0];
}

/** All directories from `directory` up to the topmost. */
export function* ancestors(directory: string): Generator<string> {
  for (let at = directory; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}
