import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type BuildFailure, build, type Message, type OutputFile, type Plugin } from 'esbuild';
import type { Diagnostic } from '../pipeline/mod.ts';
import type { ImageFile } from './files.ts';
import { runtimeResolver } from './resolve-runtime.ts';

export interface BundleOptions {
  /** The application's directory, without symbolic links in it. */
  root: string;
  /** The kit's runtime: the directory of the package that `encore.dev` stands for. */
  runtime: string;
  /** The name of the file to make, without `.mjs`. */
  name: string;
  /** The module to begin with; its relative imports start at the root. */
  entry: string;
  /** What `~encore/…` stands for: the files of `encore.gen`, with paths relative to the root. */
  generated: { path: string; text: string }[];
}

/** The bundle and its source map, or all that stands in the way. */
export type Bundle = { files: ImageFile[]; diagnostics?: never } | { diagnostics: Diagnostic[]; files?: never };

/**
 * Commonjs packages call `require` and look for their own directory. The names cannot clash: all others are minified.
 */
const banner = [
  `import{createRequire as __createRequire}from'node:module';`,
  'const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;',
].join('');

/**
 * Bundles a process with everything it imports into one file for Node 22 and later. The bytes depend on the sources
 * alone: minifying leaves out the comments and keys that name a directory, and the source map is freed of them here.
 */
export async function bundle(options: BundleOptions): Promise<Bundle> {
  const { root, name, entry } = options;
  try {
    const { outputFiles } = await build({
      stdin: { contents: entry, resolveDir: root, sourcefile: `fairlead/${name}.ts`, loader: 'ts' },
      absWorkingDir: root,
      outfile: join(root, `${name}.mjs`),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      charset: 'utf8',
      minify: true,
      // Names of errors and functions are read in logs.
      keepNames: true,
      legalComments: 'none',
      sourcemap: 'linked',
      sourcesContent: false,
      banner: { js: banner },
      plugins: [kit(options)],
      logLevel: 'silent',
    });
    return { files: outputFiles.map((file) => imageFile(file, options)) };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { diagnostics: error.errors.map((message) => diagnostic(message, root)) };
  }
}

/** Resolves `encore.dev/…` to the kit's own runtime, whatever is installed, and `~encore/…` to the generated modules. */
function kit({ root, runtime, generated }: BundleOptions): Plugin {
  const resolveRuntime = runtimeResolver(runtime);
  const modules = new Map(generated.map(({ path, text }) => [path, text]));
  return {
    name: 'fairlead',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^encore\.dev($|\/)/ }, ({ path }) => {
        const found = resolveRuntime(path);
        return found === undefined ? undefined : { path: found };
      });
      onResolve({ filter: /^~encore\// }, ({ path }) => found(path.replace('~encore', 'encore.gen')));
      // From one generated module to another; what is not generated is a file of the application.
      onResolve({ filter: /^\./, namespace: 'generated' }, ({ path, importer }) =>
        found(join(dirname(importer), path).replaceAll(sep, '/')),
      );
      onLoad({ filter: /./, namespace: 'generated' }, ({ path }) => ({
        contents: modules.get(path)!,
        loader: path.endsWith('.ts') ? 'ts' : 'js',
        resolveDir: join(root, dirname(path)),
      }));
    },
  };

  function found(path: string) {
    const bare = path.replace(/\.[jt]s$/, '');
    const match = [path, `${bare}.ts`, `${bare}.js`, `${path}/index.ts`, `${path}/index.js`].find((candidate) =>
      modules.has(candidate),
    );
    return match === undefined ? undefined : { path: match, namespace: 'generated', sideEffects: false };
  }
}

function imageFile(file: OutputFile, options: BundleOptions): ImageFile {
  const path = relative(options.root, file.path);
  return { path, bytes: path.endsWith('.map') ? normalizeMap(file.text, options) : file.contents };
}

function normalizeMap(text: string, options: BundleOptions): Uint8Array {
  const { version, sources, names, mappings } = JSON.parse(text) as Record<string, unknown> & { sources: string[] };
  const normal = sources.map((source) => normalizeSource(source, options));
  return Buffer.from(JSON.stringify({ version, sources: normal, names, mappings }));
}

/** `orders/orders.ts`, `fairlead/runtime/api/mod.ts`, `node_modules/pg/lib/client.js`: the same on every machine. */
function normalizeSource(source: string, { root, runtime }: BundleOptions): string {
  if (source.startsWith('generated:')) return source.slice('generated:'.length);
  const path = resolve(root, source);
  const [, installed] = path.split(`${sep}node_modules${sep}`, 2);
  if (path.startsWith(runtime + sep) && !path.slice(runtime.length).includes(`${sep}node_modules${sep}`))
    return slashes(join('fairlead/runtime', relative(runtime, path)));
  return slashes(installed === undefined ? relative(root, path) : join('node_modules', installed));
}

function slashes(path: string): string {
  return path.replaceAll(sep, '/');
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error;
}

const native = /^No loader is configured for "\.node" files: (.*)$/;
const unresolved = /^Could not resolve "(.*)"$/;

function diagnostic(message: Message, root: string): Diagnostic {
  const position = positionOf(message, root);
  const at = position && { position };
  const [, addOn] = native.exec(message.text) ?? [];
  if (addOn !== undefined)
    return {
      code: 'FL2002',
      severity: 'error',
      message: `the native add-on ${addOn} cannot be part of a bundle`,
      help: 'use a package that is written in JavaScript or WebAssembly instead',
      ...at,
    };
  const [, specifier] = unresolved.exec(message.text) ?? [];
  if (specifier !== undefined)
    return {
      code: 'FL2001',
      severity: 'error',
      message: `nothing is found for the import "${specifier}"`,
      help: specifier.startsWith('.')
        ? 'correct the path, or add the file'
        : 'correct the name, or install the package (`npm install`)',
      ...at,
    };
  return {
    code: 'FL2003',
    severity: 'error',
    message: `the sources cannot be bundled: ${message.text}`,
    help: message.notes[0]?.text ?? 'correct the marked place',
    ...at,
  };
}

/** esbuild counts columns in bytes from 0. */
function positionOf({ location }: Message, root: string): Diagnostic['position'] {
  if (location === null || !existsSync(resolve(root, location.file))) return undefined;
  const { file, line, column, length, lineText } = location;
  const bytes = Buffer.from(lineText);
  const start = bytes.subarray(0, column).toString().length + 1;
  const end = start + bytes.subarray(column, column + length).toString().length;
  return { file: slashes(file), line, column: start, ...(end > start && { endLine: line, endColumn: end }) };
}
