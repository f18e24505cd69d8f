import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type AnalyzeOptions, analyze, generateClients } from '../analyzer/mod.ts';
import {
  type Allocation,
  type Builder,
  createRelease,
  type Diagnostic,
  type Digest,
  type Graph,
  imageKey,
  type Process,
  processesOf,
  type Release,
  type Reporter,
  schemaVersions,
  UserError,
} from '../pipeline/mod.ts';
import { type Bundle, bundle } from './bundle/bundle.ts';
import { createEntry } from './bundle/entry.ts';
import { hostable } from './bundle/hostable.ts';
import { calledEndpoints } from './bundle/manifest.ts';
import { type RuntimeLayer, readRuntimeLayer } from './bundle/runtime-layer.ts';
import { hashSource, readSource } from './bundle/source-hash.ts';
import type { ImageFile } from './files.ts';
import { createMigrateImage } from './migrate-image.ts';
import type { Store } from './store.ts';

export interface BuilderOptions {
  /** Where images go; what is done with the release is the caller's concern. */
  store: Pick<Store, 'putImage'>;
  /** The directory of the runtime package. @default the kit's own */
  runtime?: string;
  /** A directory for what the next analysis need not compute again. @default nothing is kept */
  cache?: string | undefined;
}

/** The key of the migrate image among those of the processes, none of which has a key without a slash. */
const migrateKey = 'migrate';

/**
 * Builds applications into a store. The same sources give the same release, wherever they lie.
 * @throws UserError with everything that is wrong with the sources at once; nothing is stored then
 */
export function createBuilder({
  store,
  runtime = resolve(import.meta.dirname, '../runtime'),
  cache,
}: BuilderOptions): Builder {
  return {
    async build(directory: string, allocations: Allocation[], report: Reporter): Promise<Release> {
      const root = await realpath(directory);
      const [layer, source] = await Promise.all([readRuntimeLayer(runtime), readSource(root)]);
      const graph = await report.step('Analyze', () => analyzeOrThrow({ root, runtime, cache }, report));
      return report.step('Bundle', async () => {
        const images = await bundleAll({ root, graph, layer }, allocations);
        if ((await hashSource(root)) !== source.hash) throw changed();
        const { [migrateKey]: migrate, ...processes } = await putAll(store, images);
        const content = { version: 1, graph, images: processes, databases: schemaVersions(graph) } as const;
        return createRelease(migrate === undefined ? content : { ...content, migrate }, source);
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
}

/** Each process is bundled by itself, so that nothing of one can show in the bytes of another. */
async function bundleAll(sources: Sources, allocations: Allocation[]): Promise<Record<string, ImageFile[]>> {
  const { root, graph, layer } = sources;
  const bundles = await Promise.all(
    [...new Set(allocations)].flatMap((allocation) =>
      processesOf(graph, allocation).map(
        async (process) => [imageKey(allocation, process.name), await bundleProcess(sources, process)] as const,
      ),
    ),
  );
  const problems = bundles.flatMap(([, { diagnostics }]) => diagnostics ?? []);
  if (problems.length > 0) throw new UserError(distinct(problems));
  const images = Object.fromEntries(bundles.map(([key, { files }]) => [key, files ?? []]));
  const migrate = await createMigrateImage(root, graph, layer);
  return migrate === undefined ? images : { ...images, [migrateKey]: migrate };
}

function bundleProcess({ graph, ...sources }: Sources, process: Process): Promise<Bundle> {
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
  return bundle({ ...sources, entry: createEntry(graph, process), generated });
}

async function putAll(
  store: BuilderOptions['store'],
  images: Record<string, ImageFile[]>,
): Promise<Record<string, Digest>> {
  const entries = Object.entries(images).map(async ([key, files]) => [key, await store.putImage(files)] as const);
  return Object.fromEntries(await Promise.all(entries));
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
