import { type BuildFailure, type BuildOptions, type BuildResult, build, type Message, type Plugin } from 'esbuild';
import { type KeepOutOptions, keepOut, type Leaving } from '../externals/keep-out.ts';
import type { CompilerOptions } from './decorators.ts';
import { settings } from './esbuild.ts';
import { type KitOptions, kit } from './kit.ts';
import { ownCode } from './own-code.ts';
import { placeOfBundle } from './places.ts';
import type { Workbench } from './workbench.ts';

export interface AttemptOptions extends KitOptions {
  /** The module to begin with; its relative imports start at the root. */
  entry: string;
  /** Whether no `tsconfig.json` counts. @default the nearest counts for each file */
  unconfigured?: boolean;
  /** @default no options */
  optionsFor?: (file: string) => CompilerOptions;
  /** The workspace that the application is in. @default the application is none's */
  workspace?: string;
  /** What the process is called, where it is bundled again and again. @default it is bundled once */
  again?: { workbench: Workbench; process: string } | undefined;
}

/** What the bundler made, and the imports that lead out of it. */
export interface Attempt extends BuildResult<{ write: false; metafile: true }> {
  leaving: Leaving[];
  failed?: never;
}

/** What the bundler objects to. */
export interface Failure {
  failed: readonly Message[];
}

/** Where the module to begin with stands in source maps. */
export const sourcefile = 'fairlead/main.ts';

type Kept = Omit<KeepOutOptions, 'leaving' | 'root'>;

/** What one bundle is made of. */
interface Turn {
  options: AttemptOptions;
  outside: Kept;
  /** Where all that leads out of it is told. */
  leaving: Leaving[];
}

/** Runs the bundler once. */
export async function attempt(
  options: AttemptOptions,
  outside: Kept,
  forgiven: readonly Message[] = [],
): Promise<Attempt | Failure> {
  const turn: Turn = { options, outside, leaving: [] };
  try {
    const result = await run(turn, forgiven);
    return { ...result, leaving: used(turn.leaving, result) };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { failed: error.errors };
  }
}

type Result = BuildResult<{ write: false; metafile: true }>;

async function run(turn: Turn, forgiven: readonly Message[]): Promise<Result> {
  const { again } = turn.options;
  const bundler =
    forgiven.length > 0 ? undefined : await again?.workbench.bundler(again.process, identityOf(turn), turn, optionsOf);
  if (bundler) return (await bundler.rebuild()) as Result;
  const options = optionsOf(() => turn);
  return build({ ...options, plugins: [...options.plugins, ...forgive(forgiven)] });
}

/** What a bundler is set up with once and for all. */
function identityOf({ options: { root, unconfigured }, outside: { outside } }: Turn): string {
  const { directories, specifiers, names } = outside;
  return JSON.stringify([root, unconfigured, ...[directories, specifiers, names].map((set) => [...set].sort())]);
}

function optionsOf(current: () => Turn) {
  const { root, unconfigured = false } = current().options;
  return {
    ...settings,
    banner: { js: `${settings.banner.js}${placeOfBundle}` },
    ...(unconfigured && { tsconfigRaw: {} }),
    metafile: true,
    absWorkingDir: root,
    outdir: root,
    // Unlike what is given as standard input, it may be another module each time.
    entryPoints: [{ in: 'fairlead:entry', out: 'main' }],
    plugins: [entryPlugin(() => current().options), ...pluginsOf(current)],
  } satisfies BuildOptions;
}

/** They look at what is bundled when they are asked. */
function pluginsOf(current: () => Turn): Plugin[] {
  const { root } = current().options;
  const { outside } = current().outside;
  return [
    kit(() => current().options),
    keepOut({
      root,
      outside,
      get installed() {
        return current().outside.installed;
      },
      get aliases() {
        return current().outside.aliases;
      },
      get leaving() {
        return current().leaving;
      },
      refuse: (leaving) => current().outside.refuse?.(leaving),
    }),
    ownCode(() => {
      const { workspace = root, optionsFor = () => ({}) } = current().options;
      return { root, workspace, optionsFor };
    }),
  ];
}

function entryPlugin(current: () => AttemptOptions): Plugin {
  return {
    name: 'entry',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^fairlead:entry$/ }, () => ({ path: sourcefile, namespace: 'generated' }));
      onLoad({ filter: /^fairlead\/main\.ts$/, namespace: 'generated' }, () => ({
        contents: current().entry,
        resolveDir: current().root,
        loader: 'js',
      }));
    },
  };
}

export const unresolved = /^Could not resolve "(.*)"$/;
export const unloadable = /^No loader is configured for "(.*)" files: (.*)$/;

/** Leaves out what was not found and what no bundle can hold, for a bundle that is only looked at. */
function forgive(messages: readonly Message[]): Plugin[] {
  if (messages.length === 0) return [];
  const missing = new Set(messages.flatMap(({ text }) => unresolved.exec(text)?.[1] ?? []));
  const extensions = messages.flatMap(({ text }) => unloadable.exec(text)?.[1] ?? []);
  const setup: Plugin['setup'] = ({ onResolve, initialOptions }) => {
    onResolve({ filter: /./ }, ({ path }) => (missing.has(path) ? { path, external: true } : undefined));
    initialOptions.loader = Object.fromEntries(extensions.map((extension) => [extension, 'empty']));
  };
  return [{ name: 'forgive', setup }];
}

/** Without those of code that is not part of the bundle after all. */
function used(leaving: Leaving[], { metafile }: Pick<Attempt, 'metafile'>): Leaving[] {
  if (leaving.length === 0) return leaving;
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const written = new Set(imports.flatMap(({ path, external }) => (external ? [path] : [])));
  return leaving.filter((one) => written.has(one.written));
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error;
}
