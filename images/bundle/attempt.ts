import { type BuildFailure, type BuildResult, build, type Message, type Plugin } from 'esbuild';
import { type KeepOutOptions, keepOut, type Leaving } from '../externals/keep-out.ts';
import { decorators, type OptionsFor } from './decorators.ts';
import { settings } from './esbuild.ts';
import { type KitOptions, kit } from './kit.ts';

export interface AttemptOptions extends KitOptions {
  /** The module to begin with; its relative imports start at the root. */
  entry: string;
  /** Whether no `tsconfig.json` counts. @default the nearest counts for each file */
  unconfigured?: boolean;
  /** @default no options */
  optionsFor?: OptionsFor;
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

/** Runs the bundler once. */
export async function attempt(
  options: AttemptOptions,
  outside: Omit<KeepOutOptions, 'leaving' | 'root'>,
  forgiven: readonly Message[] = [],
): Promise<Attempt | Failure> {
  const { root, entry, unconfigured = false, optionsFor = () => ({}) } = options;
  const leaving: Leaving[] = [];
  try {
    const result = await build({
      ...settings,
      ...(unconfigured && { tsconfigRaw: {} }),
      metafile: true,
      stdin: { contents: entry, resolveDir: root, sourcefile, loader: 'js' },
      absWorkingDir: root,
      outdir: root,
      entryNames: 'main',
      plugins: [kit(options), keepOut({ ...outside, root, leaving }), decorators(optionsFor), ...forgive(forgiven)],
    });
    return { ...result, leaving: used(leaving, result) };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { failed: error.errors };
  }
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
