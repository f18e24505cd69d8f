import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { ImageFile } from '../files.ts';
import { bundledInputs, packagesIn, type ShippedPackage } from '../oci/image/mod.ts';
import { imageFile, settings, slashes } from './esbuild.ts';

/** What an application declares and the runtime has a part for, which no other process needs. */
export type Primitive = 'topics' | 'cronJobs' | 'buckets' | 'objectUrls' | 'caches' | 'metrics' | 'assets' | 'streams';

/** The runtime, bundled once for all processes of all applications. */
export interface RuntimeLayer {
  /** `runtime.mjs`, and beside it what it loads only when it is needed. */
  files: ImageFile[];
  /** By primitive: what a process that uses it may be configured to load besides. */
  backends: Record<Primitive, Backend>;
  /** By specifier, `encore.dev/api`: the module that stands for it, which takes its exports from `runtime.mjs`. */
  modules: ReadonlyMap<string, string>;
  /** What `files` have something of, for the SBOM. */
  packages: readonly ShippedPackage[];
}

export interface Backend {
  /** Some may be another backend's, too. */
  files: ImageFile[];
  packages: readonly ShippedPackage[];
}

/** The modules that the runtime loads only when its configuration names that backend, or at the first request for a file. */
const backends: Record<Primitive, string[]> = {
  topics: ['dist/pubsub/aws.js', 'dist/pubsub/google.js', 'dist/pubsub/google-push.js', 'dist/pubsub/nsq.js'],
  cronJobs: ['dist/cron/consume.js', 'dist/cron/google.js'],
  buckets: ['dist/storage/objects/s3.js', 'dist/storage/objects/gcs.js', 'dist/storage/objects/disk.js'],
  objectUrls: ['dist/storage/objects/disk/serve.js'],
  caches: ['dist/storage/cache/redis.js', 'dist/storage/cache/memory.js'],
  metrics: ['dist/metrics/cloud-monitoring.js'],
  assets: ['dist/http/assets.js'],
  streams: ['dist/stream/mod.js'],
};

interface RuntimeModule {
  specifier: string;
  path: string;
  exports: string[];
  /** The file of the layer that it is in, without its ending. */
  file: string;
}

/** In files of their own, which a process loads only when its application imports them: no process needs them to start. */
const apart = new Set(['encore.dev/metrics', 'encore.dev/storage/cache', 'encore.dev/storage/objects']);

/** Where the layer of the runtime package in `directory` is kept: part of what building the kit makes. */
function layerDirectory(directory: string): string {
  return join(directory, 'dist/layer');
}

export async function writeRuntimeLayer(directory: string, layer: RuntimeLayer): Promise<void> {
  const { files, modules, packages } = layer;
  const index: LayerIndex = {
    files: pathsOf(files),
    modules: [...modules],
    packages,
    backends: mapBackends((name) => ({
      files: pathsOf(layer.backends[name].files),
      packages: layer.backends[name].packages,
    })),
  };
  for (const { path, bytes } of [...files, ...Object.values(layer.backends).flatMap((backend) => backend.files)]) {
    const target = join(layerDirectory(directory), path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
  await writeFile(join(layerDirectory(directory), 'layer.json'), `${JSON.stringify(index, null, 2)}\n`);
}

/** @throws Error when it is not there: the kit was not built */
export async function readRuntimeLayer(directory: string): Promise<RuntimeLayer> {
  const read = (path: string) => readFile(join(layerDirectory(directory), path));
  const index = JSON.parse((await read('layer.json')).toString()) as LayerIndex;
  const paths = new Set([...index.files, ...Object.values(index.backends).flatMap(({ files }) => files)]);
  const files = new Map(
    await Promise.all([...paths].map(async (path) => [path, { path, bytes: await read(path) }] as const)),
  );
  const named = (wanted: string[]) => wanted.map((path) => files.get(path)!);
  return {
    files: named(index.files),
    modules: new Map(index.modules),
    packages: index.packages,
    backends: mapBackends((name) => ({ ...index.backends[name], files: named(index.backends[name].files) })),
  };
}

/** What of the layer a process has that uses these primitives: the same for all that use the same. */
export function layerFor({ files, packages, backends }: RuntimeLayer, primitives: readonly Primitive[]): Backend {
  const parts = [{ files, packages }, ...[...primitives].sort().map((name) => backends[name])];
  return {
    files: [...new Map(parts.flatMap((part) => part.files.map((file) => [file.path, file]))).values()],
    packages: [
      ...new Map(parts.flatMap((part) => part.packages.map((one) => [`${one.name}@${one.version}`, one]))).values(),
    ],
  };
}

interface LayerIndex {
  files: string[];
  modules: [string, string][];
  packages: readonly ShippedPackage[];
  backends: Record<Primitive, { files: string[]; packages: readonly ShippedPackage[] }>;
}

function mapBackends<T>(make: (name: Primitive) => T): Record<Primitive, T> {
  return Object.fromEntries(Object.keys(backends).map((name) => [name, make(name as Primitive)])) as Record<
    Primitive,
    T
  >;
}

function pathsOf(files: ImageFile[]): string[] {
  return files.map(({ path }) => path);
}

/**
 * Bundles the runtime package in `directory`, apart from any application: it takes longer than the bundle of a process
 * and is the same for all. It has no source map: reading one would take a third of the time a process needs to start.
 */
export async function bundleRuntime(directory: string): Promise<RuntimeLayer> {
  const modules = await readModules(directory);
  const entries = Map.groupBy(modules, ({ file }) => file);
  const { outputFiles, metafile } = await build({
    ...settings,
    sourcemap: false,
    // It is JavaScript, and whatever lies above it is none of its concern.
    tsconfigRaw: {},
    metafile: true,
    entryPoints: [...entries.keys()].map((file) => ({ in: `entry:${file}`, out: file })),
    absWorkingDir: directory,
    outdir: directory,
    splitting: true,
    chunkNames: 'runtime/[hash]',
    plugins: [entryFiles(directory, (file) => reexportAll(entries.get(file) ?? []))],
  });
  const files = renumber(
    outputFiles.map((file) => imageFile(file, directory)),
    'runtime',
  );
  const names = outputFiles.map(({ path }) => slashes(relative(directory, path)));
  const part = async (outputs: ReadonlySet<string>): Promise<Backend> => ({
    files: files.filter((_, index) => outputs.has(names[index]!)),
    packages: await packagesIn(directory, bundledInputs({ outputs: pick(metafile.outputs, outputs) })),
  });
  const roots = [...entries.keys()].map((file) => `${file}.mjs`);
  const core = reachable(metafile.outputs, roots, Object.values(backends).flat());
  const parts = await Promise.all(
    Object.entries(backends).map(async ([name, modules]) => {
      const own = Object.entries(metafile.outputs).filter(([, { entryPoint = '' }]) => modules.includes(entryPoint));
      const paths = own.map(([path]) => path);
      // A backend loads others as the rest of the runtime does: where the process has them.
      const others = Object.values(backends)
        .flat()
        .filter((module) => !modules.includes(module));
      return [name, await part(without(reachable(metafile.outputs, paths, others), core))] as const;
    }),
  );
  return {
    files: (await part(core)).files,
    backends: Object.fromEntries(parts) as RuntimeLayer['backends'],
    modules: new Map(
      modules.map((module) => [
        module.specifier,
        reexport(`./${module.file}.mjs`, module, (name) => `${exportName(module, name)} as ${name}`),
      ]),
    ),
    packages: await shippedBy(directory, bundledInputs({ outputs: pick(metafile.outputs, core) })),
  };
}

type Outputs = Metafile['outputs'];

/** The outputs that `roots` load, sooner or later, but for what only the modules `apart` lead to. */
function reachable(outputs: Outputs, roots: string[], apart: string[] = []): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    const output = outputs[path];
    if (found.has(path) || output === undefined || apart.includes(output.entryPoint ?? '')) return;
    found.add(path);
    for (const { path: next } of output.imports) visit(next);
  };
  roots.forEach(visit);
  return found;
}

function without(paths: ReadonlySet<string>, others: ReadonlySet<string>): Set<string> {
  return new Set([...paths].filter((path) => !others.has(path)));
}

function pick(outputs: Outputs, paths: ReadonlySet<string>): Outputs {
  return Object.fromEntries(Object.entries(outputs).filter(([path]) => paths.has(path)));
}

/** The runtime itself, and the packages that files of a bundle of it are from. */
export async function shippedBy(directory: string, files: string[]): Promise<ShippedPackage[]> {
  const own = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as ShippedPackage;
  const { name, version, license } = own;
  const bundled = await packagesIn(directory, files);
  return [{ name, version, ...(license !== undefined && { license }) }, ...bundled];
}

/** Lets `entry:<name>` be a module in `directory` of the text that `contents` answers. */
function entryFiles(directory: string, contents: (name: string) => string): Plugin {
  return {
    name: 'entries',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^entry:/ }, ({ path }) => ({ path: path.slice('entry:'.length), namespace: 'entry' }));
      onLoad({ filter: /./, namespace: 'entry' }, ({ path }) => ({
        contents: contents(path),
        resolveDir: directory,
        loader: 'js',
      }));
    },
  };
}

/** The modules of the package's export map, and what each exports. */
async function readModules(directory: string): Promise<RuntimeModule[]> {
  const { exports } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  const entries = Object.entries(exports);
  const { metafile } = await build({
    ...settings,
    sourcemap: false,
    minify: false,
    metafile: true,
    packages: 'external',
    absWorkingDir: directory,
    entryPoints: entries.map(([, { default: path }]) => path),
    outdir: directory,
  });
  const exported = new Map(Object.values(metafile.outputs).map((output) => [output.entryPoint, output.exports]));
  return entries.map(([subpath, { default: path }]) => {
    const specifier = `encore.dev${subpath.slice(1)}`;
    const file = apart.has(specifier) ? `runtime/${subpath.slice(2).replaceAll('/', '-')}` : 'runtime';
    return { specifier, path, exports: exported.get(path.replace(/^\.\//, '')) ?? [], file };
  });
}

/** Unique among the exports of all modules: `"encore.dev/api#APIError"`. */
function exportName({ specifier }: RuntimeModule, name: string): string {
  return JSON.stringify(`${specifier}#${name}`);
}

function reexportAll(modules: RuntimeModule[]): string {
  return modules
    .map((module) => reexport(module.path, module, (name) => `${name} as ${exportName(module, name)}`))
    .join('');
}

function reexport(from: string, { exports }: RuntimeModule, rename: (name: string) => string): string {
  return `export { ${exports.map(rename).join(', ')} } from ${JSON.stringify(from)};\n`;
}

/** The hashes in the names are of more than the contents: of where the packages are installed. Numbers take their place. */
export function renumber(files: ImageFile[], folder: string): ImageFile[] {
  const hashed = new RegExp(`^${folder}/([0-9A-Z]{8})\\.mjs$`);
  const hashes = files.flatMap(({ path }) => hashed.exec(path)?.[1] ?? []);
  const numbered = (text: string) =>
    text.replace(/\b[0-9A-Z]{8}(?=\.mjs)/g, (name) => (hashes.includes(name) ? `${hashes.indexOf(name)}` : name));
  return files.map(({ path, bytes }) => ({
    path: numbered(path),
    bytes: Buffer.from(numbered(Buffer.from(bytes).toString())),
  }));
}
