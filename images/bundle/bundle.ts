import { posix } from 'node:path';
import { type BuildFailure, build, type OnResolveResult, type Plugin } from 'esbuild';
import type { Diagnostic } from '../../pipeline/mod.ts';
import type { ImageFile } from '../files.ts';
import { bundledInputs, type LayerFile, packagesIn, type ShippedPackage } from '../oci/image/mod.ts';
import { diagnosticOf } from './build-messages.ts';
import { imageFile, settings } from './esbuild.ts';
import type { RuntimeLayer } from './runtime-layer.ts';

export interface BundleOptions {
  /** The application's directory, without symbolic links in it. */
  root: string;
  /** The module to begin with; its relative imports start at the root. */
  entry: string;
  layer: RuntimeLayer;
  /** What `~encore/…` stands for: the files of `encore.gen`, with paths relative to the root. */
  generated: { path: string; text: string }[];
  /** What the user forces out of the bundle, or into it: names of packages. */
  externals: { external: readonly string[]; bundle: readonly string[] };
  /** Wanted: `os/architecture`, each. */
  platforms: readonly string[];
}

/** What a process is made of, besides the runtime. */
export interface Bundled {
  /** `main.mjs` and its source map. */
  files: ImageFile[];
  /** The files of the packages that are not bundled, under `node_modules`. */
  dependencies: LayerFile[];
  /** The application's own files that have bytes in the bundle, relative to the root, sorted. */
  inputs: string[];
  /** All that is bundled or carried. */
  packages: ShippedPackage[];
  /** The platforms, of those wanted, that its native parts allow. Absent: all. */
  platforms?: string[];
}

/**
 * Bundles a process with everything it imports into `main.mjs`, beside the runtime. The bytes depend on nothing but the
 * sources.
 */
export async function bundle(options: BundleOptions): Promise<Bundled | { diagnostics: Diagnostic[] }> {
  const { root, entry } = options;
  try {
    const { outputFiles, metafile } = await build({
      ...settings,
      metafile: true,
      stdin: { contents: entry, resolveDir: root, sourcefile, loader: 'js' },
      absWorkingDir: root,
      outdir: root,
      entryNames: 'main',
      plugins: [kit(options)],
    });
    const inputs = bundledInputs(metafile).filter((path) => path !== sourcefile && !virtual.test(path));
    return {
      files: outputFiles.map((file) => imageFile(file, root)),
      dependencies: [],
      inputs: inputs.filter((path) => !path.includes('node_modules/')),
      packages: await packagesIn(root, inputs),
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { diagnostics: error.errors.map((message) => diagnosticOf(message, root)) };
  }
}

/** Where the module to begin with stands in source maps. */
const sourcefile = 'fairlead/main.ts';

/** Modules that are no files. */
const virtual = /^(generated|runtime):/;

/** Resolves `encore.dev/…` to the kit's own runtime, whatever is installed, and `~encore/…` to the generated modules. */
function kit({ root, layer, generated }: BundleOptions): Plugin {
  const texts = new Map(generated.map(({ path, text }) => [path, text]));
  const find = (path: string): OnResolveResult | undefined => {
    const bare = path.replace(/\.[jt]s$/, '');
    const match = [path, `${bare}.ts`, `${path}/index.ts`].find((candidate) => texts.has(candidate));
    return match === undefined ? undefined : { path: match, namespace: 'generated', sideEffects: false };
  };
  return {
    name: 'fairlead',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^encore\.dev($|\/)/ }, ({ path }) => {
        if (!layer.modules.has(path)) return { errors: [{ text: `Could not resolve "${path}"` }] };
        return { path, namespace: 'runtime', sideEffects: false };
      });
      onLoad({ filter: /./, namespace: 'runtime' }, ({ path }) => ({
        contents: layer.modules.get(path)!,
        loader: 'js',
      }));
      onResolve({ filter: /./, namespace: 'runtime' }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^~encore\// }, ({ path }) => find(path.replace('~encore', 'encore.gen')));
      onResolve({ filter: /^\./, namespace: 'generated' }, ({ path, importer }) =>
        find(posix.join(posix.dirname(importer), path)),
      );
      onLoad({ filter: /./, namespace: 'generated' }, ({ path }) => ({
        contents: texts.get(path)!,
        loader: 'ts',
        resolveDir: root,
      }));
    },
  };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error;
}
