import type { Message } from 'esbuild';
import { findUnfit, packagesOf, specifiersInto } from '../externals/find.ts';
import { aliasesOf, type Outside } from '../externals/keep-out.ts';
import { installedName } from '../externals/location.ts';
import type { Installed } from '../externals/manifest.ts';
import { bundledInputs } from '../oci/image/mod.ts';
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
  before?: Pick<Fit, 'outside' | 'aliases'>,
): Promise<Fit | Failure> {
  let outside = before?.outside ?? { directories: none, specifiers: none, names: new Set(externals.external) };
  let aliases = before?.aliases ?? new Map<string, string>();
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

  function widen(seen: Attempt, before: Outside): Outside {
    const text = (end: string) => seen.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    const { metafile } = seen;
    const unfit = findUnfit({ root: options.root, metafile, code: text('.mjs'), map: () => text('.map') }, installed);
    return widenBy(
      [...unfit].filter((directory) => !isWanted(directory, externals, installed)),
      before,
      options.root,
      metafile,
    );
  }
}

const none: ReadonlySet<string> = new Set();

/**
 * Keeps out also what is carried anyway, since another package needs it: there would be two of it otherwise, and what one
 * has made would be foreign to the other. Undefined when nothing is there twice.
 */
export function withoutDoubles(
  { made, outside, aliases }: Fit,
  carried: ReadonlySet<string>,
  { root, externals, installed }: { root: string; externals: Externals; installed: Installed },
): Pick<Fit, 'outside' | 'aliases'> | undefined {
  const bundled = packagesOf(bundledInputs(made.metafile), root);
  const doubles = bundled.filter((directory) => carried.has(directory) && !isWanted(directory, externals, installed));
  const wider = widenBy(doubles, outside, root, made.metafile);
  return wider === outside ? undefined : { outside: wider, aliases };
}

/** The same object when there is nothing else to keep out. */
function widenBy(found: readonly string[], before: Outside, root: string, metafile: Attempt['metafile']): Outside {
  const directories = new Set([...before.directories, ...found]);
  const specifiers = new Set([...before.specifiers, ...specifiersInto(directories, { root, metafile })]);
  const same = directories.size === before.directories.size && specifiers.size === before.specifiers.size;
  return same ? before : { ...before, directories, specifiers };
}

function isWanted(directory: string, externals: Externals, installed: Installed): boolean {
  const names = [installedName(directory), installed.manifest(directory)?.name ?? ''];
  return names.some((name) => externals.bundle.includes(name));
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
