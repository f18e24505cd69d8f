import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { analyze, generateClients } from '../analyzer/mod.ts';
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
import { type Bundle, bundle } from './bundle.ts';
import { createEntry } from './entry.ts';
import type { ImageFile } from './files.ts';
import { calledEndpoints } from './manifest.ts';
import { createMigrateImage } from './migrate-image.ts';
import { hashSource, readSource } from './source-hash.ts';
import type { Store } from './store.ts';

export interface BuilderOptions {
  /** Where images go; what is done with the release is the caller's concern. */
  store: Pick<Store, 'putImage'>;
  /** The directory of the runtime package. @default the kit's own */
  runtime?: string;
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
}: BuilderOptions): Builder {
  return {
    async build(directory: string, allocations: Allocation[], report: Reporter): Promise<Release> {
      const [root, kit] = await Promise.all([realpath(directory), realpath(runtime)]);
      const before = readSource(root);
      // Whoever awaits it comes late; until then a failure is not an unhandled one.
      before.catch(() => {});
      const graph = await report.step('Analyze', () => analyzeOrThrow(root, report));
      const images = await report.step('Bundle', () => bundleAll(root, kit, graph, allocations));
      const source = await before;
      if ((await hashSource(root)) !== source.hash) throw changed();
      return report.step('Store', async () => {
        const digests = await putAll(store, images);
        const { [migrateKey]: migrate, ...processes } = digests;
        const content = { version: 1, graph, images: processes, databases: schemaVersions(graph) } as const;
        return createRelease(migrate === undefined ? content : { ...content, migrate }, source);
      });
    },
  };
}

async function analyzeOrThrow(root: string, report: Reporter): Promise<Graph> {
  const { graph, diagnostics } = await analyze({ root });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new UserError(diagnostics);
  for (const { code, message, position } of diagnostics) {
    report.warn(`${code}: ${message}${position ? ` (${position.file}:${position.line}:${position.column})` : ''}`);
  }
  return graph;
}

/** Each process is bundled by itself, so that nothing of one can show in the bytes of another. */
async function bundleAll(
  root: string,
  runtime: string,
  graph: Graph,
  allocations: Allocation[],
): Promise<Record<string, ImageFile[]>> {
  const processes = [...new Set(allocations)].flatMap((allocation) =>
    processesOf(graph, allocation).map((process) => ({ key: imageKey(allocation, process.name), process })),
  );
  const bundles = await Promise.all([
    ...processes.map(async ({ key, process }) => [key, await bundleProcess(root, runtime, graph, process)] as const),
    createMigrateImage(root, runtime, graph).then((image) => [migrateKey, image] as const),
  ]);
  const problems = bundles.flatMap(([, made]) => made?.diagnostics ?? []);
  if (problems.length > 0) throw new UserError(distinct(problems));
  return Object.fromEntries(bundles.flatMap(([key, made]) => (made?.files ? [[key, made.files] as const] : [])));
}

function bundleProcess(root: string, runtime: string, graph: Graph, process: Process): Promise<Bundle> {
  const called = calledEndpoints(graph, process);
  const generated = generateClients({
    services: graph.services.map(({ name, endpoints }) => ({
      name,
      endpoints: endpoints.filter((endpoint) => called.has(`${name}.${endpoint.name}`)),
    })),
  });
  return bundle({ root, runtime, name: 'main', entry: createEntry(graph, process), generated });
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
    help: 'run the command again when the files are at rest',
  });
}
