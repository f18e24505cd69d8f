import { join, relative } from 'node:path';
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { slashes } from '../bundle/esbuild.ts';
import { ancestors, installedName, isGenerated, packageDirectoryOf, packageNameOf } from './location.ts';
import type { Installed } from './manifest.ts';
import { resolveEntry } from './resolve.ts';

/** What stays out of a bundle. */
export interface Outside {
  /** Packages by where they really lie. */
  directories: ReadonlySet<string>;
  /** Packages by name, wherever they lie. */
  names: ReadonlySet<string>;
  /** What imports of the former are written as; all others are not looked at, which would take time. */
  specifiers: ReadonlySet<string>;
}

/** An import that leads out of the bundle. */
export interface Leaving {
  specifier: string;
  /** Who imports, and the directory that is looked up from. */
  importer: string;
  directory: string;
  /** The package: its directory, and the name that the image has it by. */
  package: string;
  alias: string;
  /** What the bundle says in place of the specifier. */
  written: string;
  /** What Node loads then. */
  entry: string;
}

export interface KeepOutOptions {
  root: string;
  outside: Outside;
  installed: Installed;
  /** Where all that is kept out is told. */
  leaving: Leaving[];
  /** Names by directories of packages, where what they would have otherwise would not do. */
  aliases: ReadonlyMap<string, string>;
  /** Says why an import must not be, if so. */
  refuse?: (leaving: Leaving) => Refusal | undefined;
}

/** An error of the bundler's in our words. */
export interface Refusal {
  code: `FL${number}`;
  message: string;
  help: string;
}

const again = Symbol('again');

/** Keeps packages out of a bundle, and tells which imports lead to them. */
export function keepOut(options: KeepOutOptions): Plugin {
  return {
    name: 'keep-out',
    setup(build) {
      const { names, specifiers } = options.outside;
      if (names.size + specifiers.size === 0) return;
      const packages = new Set([...names, ...Array.from(specifiers).flatMap((one) => packageNameOf(one) ?? [])]);
      const exact = [...specifiers].filter((one) => packageNameOf(one) === undefined);
      const patterns = [...[...packages].map((one) => `${quote(one)}(?:/.*)?`), ...exact.map(quote)];
      build.onResolve({ filter: new RegExp(`^(?:${patterns.join('|')})$`) }, (args) => leave(args, build, options));
      build.onLoad({ filter: /./, namespace: 'carried' }, ({ pluginData }) => ({
        contents: `module.exports = require(${JSON.stringify(pluginData)});`,
        loader: 'js',
      }));
      build.onResolve({ filter: /./, namespace: 'carried' }, ({ path }) => ({ path, external: true }));
    },
  };
}

async function leave(
  args: OnResolveArgs,
  build: PluginBuild,
  { root, outside, installed, leaving, aliases, refuse }: KeepOutOptions,
): Promise<OnResolveResult | undefined> {
  const { path: specifier, importer, namespace, resolveDir, kind, with: attributes } = args;
  if (args.pluginData === again) return undefined;
  const found = await build.resolve(specifier, {
    importer,
    namespace,
    resolveDir,
    kind,
    with: attributes,
    pluginData: again,
  });
  // What is not there is reported by the bundler itself.
  if (found.errors.length > 0 || found.external || found.namespace !== 'file') return undefined;
  const directory = ownerOf(found.path, installed);
  const name = directory === undefined ? undefined : installed.manifest(directory)?.name;
  const named = outside.names.has(packageNameOf(specifier) ?? '') || outside.names.has(name ?? '');
  if (directory === undefined || !(named || outside.directories.has(directory))) return undefined;
  const means = kind === 'require-call' || kind === 'require-resolve' ? 'require' : 'import';
  const entry = resolveEntry(specifier, resolveDir, means, (file) =>
    installed.manifest(ownerOf(file, installed) ?? ''),
  );
  const place = placeOf(specifier, resolveDir, directory, found.path, { root, installed, aliases });
  const one = {
    specifier,
    importer,
    directory: resolveDir,
    package: directory,
    entry: entry?.file ?? found.path,
    ...place,
  };
  leaving.push(one);
  const refusal = refuse?.(one);
  if (refusal) return { errors: [{ text: refusal.message, detail: refusal }] };
  if (means === 'require' || entry?.by !== 'require') return { path: one.written, external: true };
  return { path: `node_modules/${one.written}`, namespace: 'carried', pluginData: one.written };
}

/** The package that a file is of: the installed one, or the nearest directory above it with a package.json. */
export function ownerOf(file: string, installed: Installed): string | undefined {
  const directory = packageDirectoryOf(file);
  if (directory !== undefined) return directory;
  for (const at of ancestors(join(file, '..'))) if (installed.manifest(at) !== undefined) return at;
  return undefined;
}

interface Placing {
  root: string;
  installed: Installed;
  aliases: ReadonlyMap<string, string>;
}

/**
 * How the bundle, which lies beside `node_modules`, can call what `specifier` means in a directory. The name stays what it
 * is where it means the same for the application itself.
 */
function placeOf(
  specifier: string,
  from: string,
  directory: string,
  file: string,
  { root, installed, aliases }: Placing,
): { alias: string; written: string } {
  const name = packageNameOf(specifier);
  if (name !== undefined && installed.lookUp(name, root) === directory) return { alias: name, written: specifier };
  const alias = aliases.get(directory) ?? aliasOf(directory, installed);
  const isPlain = name !== undefined && installed.lookUp(name, from) === directory;
  const written = isPlain
    ? `${alias}${specifier.slice(name.length)}`
    : `./node_modules/${alias}/${slashes(relative(directory, file))}`;
  return { alias, written };
}

/** `sharp@0.33.5`: no package is installed under such a name. */
function aliasOf(directory: string, installed: Installed): string {
  if (isGenerated(directory)) return installedName(directory);
  const { name = 'package', version = '0' } = installed.manifest(directory) ?? {};
  return `${name}@${version}`;
}

/** Names for packages that would have the same; empty when all have one of their own. */
export function aliasesOf(leaving: readonly Leaving[]): Map<string, string> {
  const byAlias = Map.groupBy(leaving, ({ alias }) => alias);
  return new Map(
    [...byAlias].flatMap(([alias, all]) => {
      const directories = [...new Set(all.map((one) => one.package))].sort();
      return directories.length === 1
        ? []
        : directories.map((directory, index) => [directory, `${alias}-${index + 1}`] as const);
    }),
  );
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
