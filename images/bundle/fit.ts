import type { Message } from 'esbuild';
import { findUnfit, specifiersInto } from '../externals/find.ts';
import { aliasesOf, type Outside } from '../externals/keep-out.ts';
import { installedName } from '../externals/location.ts';
import type { Installed } from '../externals/manifest.ts';
import { type Attempt, type AttemptOptions, attempt, type Failure, unloadable, unresolved } from './attempt.ts';

export interface Externals {
  /** Packages by name that the user wants out of the bundle. */
  external: readonly string[];
  /** Packages by name that the user wants in it, whatever they look like. */
  bundle: readonly string[];
}

/** A bundle of all that works from within one, and how it was made. */
export interface Fit {
  made: Attempt;
  outside: Outside;
  aliases: ReadonlyMap<string, string>;
  failed?: never;
}

/**
 * Bundles, looks at what the bundle has of packages, and bundles again without those that do not work there, until nothing
 * else is found. Most applications have no such package, and are bundled once.
 */
export async function bundleWhatFits(
  options: AttemptOptions,
  externals: Externals,
  installed: Installed,
): Promise<Fit | Failure> {
  let outside: Outside = { directories: new Set(), specifiers: new Set(), names: new Set(externals.external) };
  let aliases: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const made = await attempt(options, { outside, installed, aliases });
    const seen = made.failed ? await forgiving(made.failed) : made;
    if (made.failed && seen.failed) return { failed: ownOnes(made.failed) };
    const next = seen.failed ? outside : widen(seen, outside);
    const named = new Map([...aliases, ...aliasesOf(seen.failed ? [] : seen.leaving)]);
    if (next === outside && named.size === aliases.size) return made.failed ? made : { made, outside, aliases };
    [outside, aliases] = [next, named];
  }

  /** What is wrong with packages is no concern when they are not bundled, which takes a bundle to find out. */
  async function forgiving(errors: readonly Message[]): Promise<Attempt | Failure> {
    const curable = errors.every(({ text }) => unresolved.test(text) || unloadable.test(text));
    if (!curable || !errors.some(isOfPackage)) return { failed: errors };
    return attempt(options, { outside, installed, aliases }, errors);
  }

  /** The same object when there is nothing else to keep out. */
  function widen(seen: Attempt, before: Outside): Outside {
    const { root } = options;
    const text = (end: string) => seen.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    const view = { root, metafile: seen.metafile, code: text('.mjs'), map: () => text('.map') };
    const unfit = [...findUnfit(view, installed)].filter((directory) => !isWanted(directory));
    const directories = new Set([...before.directories, ...unfit]);
    const specifiers = new Set([...before.specifiers, ...specifiersInto(directories, view)]);
    const same = directories.size === before.directories.size && specifiers.size === before.specifiers.size;
    return same ? before : { ...before, directories, specifiers };
  }

  function isWanted(directory: string): boolean {
    const names = [installedName(directory), installed.manifest(directory)?.name ?? ''];
    return names.some((name) => externals.bundle.includes(name));
  }
}

function isOfPackage({ location, text }: Message): boolean {
  return (
    (location?.file ?? '').includes('node_modules/') || (unloadable.exec(text)?.[2] ?? '').includes('node_modules/')
  );
}

/** What is wrong with packages may be right once the rest is, and they are not bundled. */
function ownOnes(errors: readonly Message[]): readonly Message[] {
  const own = errors.filter((error) => !isOfPackage(error));
  return own.length > 0 ? own : errors;
}
