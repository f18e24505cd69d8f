import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../pipeline/mod.ts';
import type { NativePackage } from '../base/mod.ts';
import type { Carried } from '../externals/carry.ts';
import { packagesOf as packageDirectories } from '../externals/find.ts';
import type { Leaving, Refusal } from '../externals/keep-out.ts';
import { ancestors, isGenerated } from '../externals/location.ts';
import { Installed } from '../externals/manifest.ts';
import { namedPackages } from '../externals/named.ts';
import { productionPackages } from '../externals/production.ts';
import type { TraceCache } from '../externals/trace.ts';
import { readIntegrities, workspaceRoot } from '../externals/workspace.ts';
import type { ImageFile } from '../files.ts';
import { bundledInputs, type LayerFile, packagesIn, type ShippedPackage } from '../oci/image/mod.ts';
import { type AttemptOptions, attempt, sourcefile } from './attempt.ts';
import { diagnosticOf } from './build-messages.ts';
import { imageFile } from './esbuild.ts';
import { bundleWhatFits, type Externals, type Fit, withoutDoubles } from './fit.ts';
import { Tsconfigs } from './tsconfig.ts';

export interface BundleOptions extends Omit<AttemptOptions, 'unconfigured' | 'optionsFor' | 'workspace'> {
  /** What the user forces out of the bundle, or into it: names of packages. */
  externals: Externals;
  /** Wanted: `os/architecture`, each. */
  platforms: readonly string[];
  /** A directory for what need not be found out again. @default nothing is kept */
  cache?: string | undefined;
}

/** What a process is made of, besides the runtime. */
export interface Bundled {
  /** `main.mjs` and its source map. */
  files: ImageFile[];
  /** The files of the packages that are not bundled, under `node_modules`. */
  dependencies: LayerFile[];
  /** The application's own files that decide what is in the bundle: its sources, then what says how to compile them. Relative to the root. */
  inputs: string[];
  /** All that is bundled or carried. */
  packages: ShippedPackage[];
  /** The platforms, of those wanted, that its native parts allow. Absent: all. */
  platforms?: string[];
  /** Those of the carried packages that need a certain C library. */
  native: NativePackage[];
}

/**
 * Bundles a process with everything it imports into `main.mjs`, which lies beside the runtime, and finds the files of the
 * packages that do not work from within a bundle. The bytes depend on nothing but the sources and what is installed.
 */
export async function bundle(wanted: BundleOptions): Promise<Bundled | { diagnostics: Diagnostic[] }> {
  const { again } = wanted;
  const before = again?.workbench.fitOf(again.process);
  if (before === undefined) return bundleFrom(undefined, wanted);
  const bundled = await bundleFrom(before, wanted);
  if (!('diagnostics' in bundled)) return bundled;
  // What is wrong may be so only because of what was kept out before.
  again?.workbench.forget(again.process);
  return bundleFrom(undefined, wanted);
}

async function bundleFrom(
  former: Pick<Fit, 'outside' | 'aliases'> | undefined,
  wanted: BundleOptions,
): Promise<Bundled | { diagnostics: Diagnostic[] }> {
  const { root, platforms, externals, again } = wanted;
  const tsconfigs = new Tsconfigs(root);
  const installed = new Installed();
  const cache: TraceCache = {};
  const workspace = workspaceRoot(root, installed);
  const options = { ...wanted, workspace, unconfigured: tsconfigs.absent, optionsFor: tsconfigs.optionsFor };
  for (let before = former; ; ) {
    const fit = await bundleWhatFits(options, externals, installed, before);
    if (fit.failed) return { diagnostics: fit.failed.map((message) => diagnosticOf(message, root)) };
    const inputs = bundledInputs(fit.made.metafile).filter((path) => path !== sourcefile && !virtual.test(path));
    const own = inputs.filter(isOwn);
    const foreign = tsconfigs.judge(own);
    if (foreign.length > 0) return { diagnostics: foreign };
    if (isPlugAndPlay(inputs, fit, workspace)) return { diagnostics: [plugAndPlay] };
    const carried = await carryAll(options, { fit, inputs, workspace, installed, cache });
    if ('diagnostics' in carried) return carried;
    before = withoutDoubles(fit, carried.directories, { root, externals, installed });
    if (before !== undefined) continue;
    again?.workbench.remember(again.process, fit);
    return {
      files: fit.made.outputFiles.map((file) => imageFile(file, root)),
      dependencies: carried.files,
      inputs: [...own, ...tsconfigs.filesFor(own)],
      native: carried.native,
      packages: await packagesOf([...inputs, ...carried.sources], root, workspace),
      ...(carried.platforms.length < platforms.length && { platforms: carried.platforms }),
    };
  }
}

/** Modules that are no files. */
const virtual = /^(generated|runtime|carried):/;

function isOwn(path: string): boolean {
  return !path.includes('node_modules/');
}

async function packagesOf(files: readonly string[], root: string, workspace: string): Promise<ShippedPackage[]> {
  if (files.every(isOwn)) return [];
  return packagesIn(root, files, await readIntegrities(workspace));
}

interface Parts {
  fit: Fit;
  inputs: readonly string[];
  workspace: string;
  installed: Installed;
  cache: TraceCache;
}

async function carryAll(
  options: BundleOptions & AttemptOptions,
  { fit, inputs, workspace, installed, cache }: Parts,
): Promise<Carried | { diagnostics: Diagnostic[] }> {
  const { root, platforms } = options;
  const own = inputs.filter(isOwn).map((path) => resolve(root, path));
  const imported = new Set([...packageDirectories(inputs, root), ...fit.made.leaving.map((one) => one.package)]);
  const named = namedPackages(own, { workspace, installed, isLoaded: (directory) => imported.has(directory) });
  const leaving = [...fit.made.leaving, ...named];
  if (leaving.length === 0)
    return { files: [], sources: [], directories: new Set(), platforms: [...platforms], native: [], looked: [] };
  const owners = own.flatMap((path) => owner(dirname(path), workspace, installed));
  const production = productionPackages([root, workspace, ...owners, ...named.map((one) => one.package)], installed);
  const refuse = (one: Leaving) => refusalOf(one, production, installed);
  if (fit.made.leaving.some(refuse)) {
    // Once more, since only the bundler knows where the import is.
    const refused = await attempt(options, { ...fit, installed, refuse });
    return { diagnostics: (refused.failed ?? []).map((message) => diagnosticOf(message, root)) };
  }
  // Takes a while to load, and few applications need it.
  const { carryOrKept } = await import('../externals/kept-carry.ts');
  return carryOrKept({ root, workspace, leaving, production, platforms, installed, cache }, options.cache);
}

/** The directory of the package.json that a file of the application's own belongs to. */
function owner(directory: string, workspace: string, installed: Installed): string[] {
  for (const at of ancestors(directory)) {
    if (installed.manifest(at) !== undefined) return [at];
    if (at === workspace) return [];
  }
  return [];
}

function refusalOf(
  { package: directory, entry, alias }: Leaving,
  production: ReadonlySet<string> | undefined,
  installed: Installed,
): Refusal | undefined {
  const name = installed.manifest(directory)?.name ?? alias;
  if (production !== undefined && !production.has(directory) && !isGenerated(directory))
    return {
      code: 'FL2401',
      message: `the package "${name}" has to be carried in the image, and no dependency for production leads to it`,
      help: `Move it from devDependencies to dependencies: npm install --save-prod ${name}`,
    };
  if (/\.[cm]?tsx?$/.test(entry))
    return {
      code: 'FL2404',
      message: `the package "${name}" is TypeScript, which Node does not load from node_modules`,
      help: `Remove "${name}" from "external" in fairlead.json, or compile the package.`,
    };
  return undefined;
}

function isPlugAndPlay(inputs: readonly string[], { made }: Fit, workspace: string): boolean {
  if (inputs.some((path) => path.includes('.zip/'))) return true;
  return made.leaving.length > 0 && existsSync(join(workspace, '.pnp.cjs'));
}

const plugAndPlay: Diagnostic = {
  code: 'FL2403',
  severity: 'error',
  message: "the packages are installed with Yarn Plug'n'Play, which keeps them in archives",
  help: 'Write `nodeLinker: node-modules` into .yarnrc.yml, and run yarn install.',
};
