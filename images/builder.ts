import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
// Not from its mod.ts, which would load all that generates, too.
import { type AnalyzeOptions, analyze } from '../analyzer/analyze.ts';
import { generateClients } from '../analyzer/generate/clients.ts';
import {
  allocationsOf,
  type BuildConfig,
  type Builder,
  type Config,
  type Diagnostic,
  type Digest,
  databaseSchemas,
  type Graph,
  imageKey,
  type Process,
  processesOf,
  type Release,
  type ReleaseContent,
  type Reporter,
  UserError,
} from '../pipeline/mod.ts';
import { type Bundled, bundle } from './bundle/bundle.ts';
import { createEntry } from './bundle/entry.ts';
import { hostable } from './bundle/hostable.ts';
import { calledEndpoints } from './bundle/manifest.ts';
import { type RuntimeLayer, readRuntimeLayer } from './bundle/runtime-layer.ts';
import { hashSource, readSource } from './bundle/source-hash.ts';
import { type ImageFile, isMissing } from './files.ts';
import { LayerMaker } from './layer-maker.ts';
import { createMigrateFiles } from './migrate-files.ts';
import { digestOf } from './oci/descriptor.ts';
import { lockfiles, scratch } from './oci/image/mod.ts';
import type { Repository } from './oci/repository/mod.ts';
import { type Bases, type ProcessContent, writeProcessImage } from './process-image.ts';
import { sealRelease } from './release/mod.ts';

export interface BuilderOptions {
  /** Where images go; what is done with the release is the caller's concern. */
  repository: Repository;
  /** The version of Fairlead. */
  tool: string;
  /** The directory of the runtime package. @default the kit's own */
  runtime?: string;
  /** A directory for what the next build need not compute again. @default nothing is kept */
  cache?: string | undefined;
  /** Finds what images lie on, for these platforms. @default nothing, for a machine that has Node itself */
  base?: (platforms: readonly string[]) => Promise<Bases>;
}

/** The process that also brings databases and queues up: the one that is built for every environment. */
const migratingKey = 'all-in-one/app';

/**
 * Builds applications into a repository. The same sources give the same release, wherever they lie.
 * @throws UserError with everything that is wrong with the sources at once; nothing refers to what was written then
 */
export function createBuilder(options: BuilderOptions): Builder {
  const { runtime = resolve(import.meta.dirname, '../runtime'), cache } = options;
  return {
    async build(directory: string, config: Config, report: Reporter): Promise<Release> {
      const root = await realpath(directory);
      const [layer, source] = await Promise.all([readRuntimeLayer(runtime), readSource(root)]);
      const graph = await report.step('Analyze', () => analyzeOrThrow({ root, runtime, cache }, report));
      const sources = { root, graph, layer, build: config.build };
      const { bundles, migration, inputs } = await report.step('Bundle', async () => {
        const [bundles, migration] = await Promise.all([
          bundleAll(sources, config),
          createMigrateFiles(root, graph, layer),
        ]);
        const inputs = await inputsOf(root, graph, bundles);
        if ((await hashSource(root)) !== source.hash) throw changed();
        return { bundles, migration, inputs };
      });
      return report.step('Write images', async () => {
        const bases = await (options.base ?? scratchBases)(platformsOf(bundles, config.build));
        const images = await writeAll({ ...sources, bundles, bases, migration }, options);
        const content: ReleaseContent = {
          version: 2,
          tool: options.tool,
          graph,
          images,
          ...(migration && { migrate: migratingKey }),
          databases: databaseSchemas(graph),
          ...(bases.image && { base: bases.image }),
          inputs,
        };
        return sealRelease(content, source);
      });
    },
  };
}

async function analyzeOrThrow(options: AnalyzeOptions, report: Reporter): Promise<Graph> {
  const { graph, diagnostics } = await analyze(options);
  if (graph === undefined) throw new UserError(diagnostics);
  for (const { code, message, position } of diagnostics) {
    report.warn(`${code}: ${message}${position ? ` (${position.file}:${position.line}:${position.column})` : ''}`);
  }
  const refusals = hostable(graph);
  if (refusals.length > 0) throw new UserError(refusals);
  return graph;
}

interface Sources {
  root: string;
  graph: Graph;
  layer: RuntimeLayer;
  build: BuildConfig;
}

/** By the keys of their images. */
type Bundles = ReadonlyMap<string, Bundled>;

/** Each process is bundled by itself, so that nothing of one can show in the bytes of another. */
async function bundleAll(sources: Sources, config: Config): Promise<Bundles> {
  const bundles = await Promise.all(
    allocationsOf(config).flatMap((allocation) =>
      processesOf(sources.graph, allocation).map(
        async (process) => [imageKey(allocation, process.name), await bundleProcess(sources, process)] as const,
      ),
    ),
  );
  const problems = bundles.flatMap(([, result]) => ('diagnostics' in result ? result.diagnostics : []));
  if (problems.length > 0) throw new UserError(distinct(problems));
  return new Map(bundles.flatMap(([key, result]) => ('diagnostics' in result ? [] : [[key, result] as const])));
}

function bundleProcess({ root, graph, layer, build }: Sources, process: Process): ReturnType<typeof bundle> {
  const called = calledEndpoints(graph, process);
  const generated = generateClients({
    authHandler: graph.authHandler,
    services: graph.services.map(({ name, endpoints }) => ({
      name,
      endpoints: process.services.includes(name)
        ? endpoints
        : endpoints.filter((endpoint) => called.has(`${name}.${endpoint.name}`)),
    })),
  });
  const { external, bundle: bundled, platforms } = build;
  const entry = createEntry(graph, process);
  return bundle({ root, entry, layer, generated, externals: { external, bundle: bundled }, platforms });
}

/** Those that every process can run on. */
function platformsOf(bundles: Bundles, { platforms }: BuildConfig): string[] {
  const possible = platforms.filter((platform) =>
    [...bundles.values()].every((one) => one.platforms?.includes(platform) ?? true),
  );
  if (possible.length > 0) return possible;
  throw new UserError({
    code: 'FL2007',
    severity: 'error',
    message: 'no platform is left that every process can run on: their native packages are for different ones',
    help: 'Install all native packages for one platform, such as with npm install --os=linux --cpu=x64.',
  });
}

async function scratchBases(platforms: readonly string[]): Promise<Bases> {
  return {
    entrypoint: ['node'],
    platforms: platforms.map((platform) => {
      const [os = '', architecture = ''] = platform.split('/');
      return scratch({ os, architecture });
    }),
  };
}

interface Parts extends Sources {
  bundles: Bundles;
  bases: Bases;
  /** What goes into the image that migrates. */
  migration: ImageFile[] | undefined;
}

async function writeAll(
  { graph, layer, build, bundles, bases, migration = [] }: Parts,
  { repository, cache }: BuilderOptions,
): Promise<Record<string, Digest>> {
  const layers = new LayerMaker({ repository, cache, allowed: build.allowSecrets });
  const runtime = layer.files.map(({ path, bytes }) => ({ path, content: bytes }));
  const images: [string, Digest][] = [];
  for (const [key, { files, dependencies, packages }] of bundles) {
    const content: ProcessContent = {
      application: graph.application,
      key,
      dependencies: [...runtime, ...dependencies],
      own: key === migratingKey ? [...files, ...migration] : files,
      packages: [...layer.packages, ...packages],
    };
    images.push([key, await writeProcessImage(content, bases, { repository, layers })]);
  }
  return Object.fromEntries(images);
}

/** The files that decide what is built, besides those that are bundled. */
const settings = ['package.json', 'encore.app', 'tsconfig.json', ...lockfiles];

async function inputsOf(root: string, graph: Graph, bundles: Bundles): Promise<Record<string, Digest>> {
  const migrations = graph.databases.flatMap((database) => database.migrations?.files.map(({ file }) => file) ?? []);
  const bundled = [...bundles.values()].flatMap(({ inputs }) => inputs);
  const hashes = [...new Set([...settings, ...migrations, ...bundled])].sort().map(async (path) => {
    const digest = await digestOfFile(join(root, path));
    return digest === undefined ? [] : [[path, digest] as const];
  });
  return Object.fromEntries((await Promise.all(hashes)).flat());
}

async function digestOfFile(path: string): Promise<Digest | undefined> {
  try {
    return digestOf(await readFile(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Processes share modules, and so their problems. */
function distinct(diagnostics: Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}

function changed(): UserError {
  return new UserError({
    code: 'FL2004',
    severity: 'error',
    message: 'the sources changed during the build',
    help: 'Run the command again when the files are at rest.',
  });
}
