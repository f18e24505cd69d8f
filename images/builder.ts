import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
// Not from its mod.ts, which would load all that generates, too.
import { type AnalyzeOptions, analyze } from '../analyzer/analyze.ts';
import {
  type BuildConfig,
  type Builder,
  type Config,
  type Diagnostic,
  type Digest,
  databaseSchemas,
  type Graph,
  type Release,
  type Reporter,
  UserError,
} from '../pipeline/mod.ts';
import { bytes, count } from '../pipeline/tell/words.ts';
import { libcWarnings } from './base/libc.ts';
import { assetIndex } from './bundle/assets.ts';
import { bundleProcesses, type ProcessBundle, platformsOf } from './bundle/bundle-processes.ts';
import { hashInputs } from './bundle/inputs.ts';
import { assetPath, assetSources, primitivesOf } from './bundle/manifest.ts';
import { layerFor, type RuntimeLayer, readRuntimeLayer } from './bundle/runtime-layer.ts';
import { hashSource, readSource } from './bundle/source-hash.ts';
import type { Workbench } from './bundle/workbench.ts';
// Not from its mod.ts, which would load what speaks with registries, too.
import { chooseDockerfiles, type Dockerfiles } from './dockerfile/choose.ts';
import type { ImageFile } from './files.ts';
import { runHook } from './hooks.ts';
import { LayerMaker } from './layer-maker.ts';
import { createMigrateFiles } from './migrate-files.ts';
import type { Layout } from './oci/repository/mod.ts';
import { type ProcessContent, writeProcessImage } from './process-image.ts';
import { sealRelease } from './release/mod.ts';
import { scratchBases } from './scratch-bases.ts';
import { type Bases, filesOf } from './write-image.ts';

export interface BuilderOptions {
  /** Where images go; what is done with the release is the caller's concern. */
  repository: Layout;
  /** The version of Fairlead. */
  tool: string;
  /** The directory of the runtime package. @default the kit's own */
  runtime?: string;
  /** A directory for what the next build need not compute again. @default nothing is kept */
  cache?: string | undefined;
  /**
   * Finds what images lie on, for these platforms. Dockerfiles count only with a base.
   * @default nothing, for a machine that has Node itself
   */
  base?: (platforms: readonly string[]) => Promise<Bases>;
  /** The environment that the build hooks of `encore.app` and the tools for Dockerfiles run in. @default no hooks, no tools */
  env?: Readonly<Record<string, string | undefined>>;
  /** For who builds the same application again and again, and keeps the releases to this machine. @default each build begins anew */
  workbench?: Workbench | undefined;
  /** Ends a hook or a tool that runs; what else is done is short. */
  signal?: AbortSignal | undefined;
}

/** The process that also brings databases and queues up: the one that is built for every environment. */
const migratingKey = 'all-in-one/app';

/**
 * Builds applications into a repository. The same sources give the same release, wherever they lie.
 * @throws UserError with everything that is wrong with the sources at once; nothing refers to what was written then
 */
export function createBuilder(options: BuilderOptions): Builder {
  const { tool, runtime = resolve(import.meta.dirname, '../runtime'), cache, env, signal, workbench } = options;
  return {
    async build(directory: string, config: Config, report: Reporter): Promise<Release> {
      const root = await realpath(directory);
      if (env) await runHook(root, 'prebuild', { env, report, signal });
      const [layer, source] = await Promise.all([readRuntimeLayer(runtime), readSource(root)]);
      const graph = await report.step('Analyze', () => analyzeOrThrow({ root, runtime, cache }, report));
      const platforms = options.base ? config.build.platforms : withThisMachine(config.build.platforms);
      const { bundles, migration, dockerfiles, inputs } = await report.step('Bundle', async () => {
        const [bundles, migration, dockerfiles] = await Promise.all([
          bundleProcesses({ root, graph, layer, platforms, cache, workbench }, config),
          createMigrateFiles(root, graph, layer),
          chooseDockerfiles(root, graph, config, { withBase: options.base !== undefined, report }),
        ]);
        const files = [...bundles.flatMap(({ inputs }) => inputs), ...dockerfiles.values()];
        const served = bundles.flatMap(({ assets, read }) => [...assets, ...read]);
        const hashes = new Map(served.map(({ source, content }) => [source, content.hash]));
        const inputs = await hashInputs(root, graph, files, hashes);
        tellSizes(bundles, report);
        if ((await hashSource(root)) !== source.hash) throw changed();
        return { bundles, migration, dockerfiles, inputs };
      });
      const { bases, images } = await report.step('Write images', async () => {
        const bases: Bases = await (options.base ?? scratchBases)(
          platformsOf(bundles, platforms) ?? config.build.platforms,
        );
        for (const { code, message } of warningsOf(bases, bundles, dockerfiles)) report.warn(`${code}: ${message}`);
        const parts = { root, graph, layer, build: config.build, bundles, migration, bases, dockerfiles };
        return { bases, images: await writeImages(parts, options, report) };
      });
      if (env) await runHook(root, 'postbuild', { env, report, signal });
      const content = {
        ...({ version: 2, tool, graph, images, databases: databaseSchemas(graph), inputs } as const),
        ...(migration && { migrate: migratingKey }),
        ...(bases.image && { base: bases.image }),
        ...(dockerfiles.size > 0 && { unreproducible: [...dockerfiles.keys()].sort() }),
      };
      return sealRelease(content, source);
    },
  };
}

async function analyzeOrThrow(options: AnalyzeOptions, report: Reporter): Promise<Graph> {
  const { graph, diagnostics } = await analyze(options);
  if (graph === undefined) throw new UserError(diagnostics);
  for (const { code, message, position } of diagnostics) {
    report.warn(`${code}: ${message}${position ? ` (${position.file}:${position.line}:${position.column})` : ''}`);
  }
  return graph;
}

/** Without a base an image is run here, so its native parts may be for this machine, whatever containers would be for. */
function withThisMachine(platforms: readonly string[]): string[] {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return [...new Set([...platforms, `${process.platform}/${architecture}`])];
}

/** About native packages that the base has another C library for; an image from a Dockerfile lies on a base of its own. */
function warningsOf({ image, libc }: Bases, bundles: readonly ProcessBundle[], dockerfiles: Dockerfiles): Diagnostic[] {
  if (image === undefined || libc === undefined) return [];
  const native = bundles.flatMap((one) => (dockerfiles.has(one.key) ? [] : one.native));
  return libcWarnings({ image: image.image, libc }, native);
}

interface Parts {
  root: string;
  graph: Graph;
  layer: RuntimeLayer;
  build: BuildConfig;
  bundles: readonly ProcessBundle[];
  /** What goes into the image that migrates. */
  migration: ImageFile[] | undefined;
  bases: Bases;
  dockerfiles: Dockerfiles;
}

/** Of every process, one after the other: they share layers. */
async function writeImages(parts: Parts, options: BuilderOptions, report: Reporter): Promise<Record<string, Digest>> {
  const { root, graph, build, bases, dockerfiles } = parts;
  const { repository, cache, env = {}, signal } = options;
  // Assets have another path in images than in the application.
  const allowed = [...build.allowSecrets, ...build.allowSecrets.map(assetPath)];
  const layers = new LayerMaker({ repository, cache, allowed });
  const platforms = bases.platforms.map(({ platform: { os, architecture } }) => `${os}/${architecture}`);
  const images: Record<string, Digest> = {};
  for (const bundle of parts.bundles) {
    const { key } = bundle;
    const content = contentOf(bundle, parts);
    const dockerfile = dockerfiles.get(key);
    if (dockerfile === undefined) images[key] = await writeProcessImage(content, bases, { repository, layers });
    else {
      const { buildDockerfile } = await import('./dockerfile/build.ts');
      images[key] = await buildDockerfile({
        ...{ root, dockerfile, application: graph.application, key, platforms, to: repository, env, report, signal },
        files: [...content.dependencies, ...filesOf(content.own), ...(content.assets ?? [])],
        allowed,
      });
    }
  }
  return images;
}

function contentOf(
  { key, process, files, dependencies, assets, read, packages }: ProcessBundle,
  { graph, layer, migration = [] }: Parts,
): ProcessContent {
  const runtime = layerFor(layer, primitivesOf(graph, process));
  const carried = [...filesOf(runtime.files), ...dependencies];
  const own = [
    ...files,
    ...(assetSources(graph, process).length > 0 ? [assetIndex(assets)] : []),
    ...(key === migratingKey ? migration : []),
  ];
  const taken = new Set([...carried, ...own, ...assets].map(({ path }) => path));
  return {
    application: graph.application,
    key,
    dependencies: carried,
    own,
    assets: [...assets, ...read.filter(({ path }) => !taken.has(path))],
    packages: [...runtime.packages, ...packages],
  };
}

/** What goes into images besides code may be of any size: nobody should wonder. */
function tellSizes(bundles: readonly ProcessBundle[], report: Reporter): void {
  const files = new Map(bundles.flatMap(({ assets }) => assets.map(({ source, content }) => [source, content.size])));
  if (files.size === 0) return;
  const size = [...files.values()].reduce((sum, one) => sum + one, 0);
  report.info(`static assets: ${count(files.size, 'file')}, ${bytes(size)}`);
}

function changed(): UserError {
  return new UserError({
    code: 'FL2004',
    severity: 'error',
    message: 'the sources changed during the build',
    help: 'Run the command again when the files are at rest.',
  });
}
