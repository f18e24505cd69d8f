import { generateClients } from '../../analyzer/generate/clients.ts';
import {
  allocationsOf,
  type BuildConfig,
  type Config,
  type Diagnostic,
  type Graph,
  imageKey,
  type Process,
  processesOf,
  UserError,
} from '../../pipeline/mod.ts';
import { Installed } from '../externals/manifest.ts';
import { workspaceRoot } from '../externals/workspace.ts';
import { type AssetFile, AssetReader } from './assets.ts';
import { type Bundled, bundle } from './bundle.ts';
import { createEntry } from './entry.ts';
import { assetSources, calledEndpoints } from './manifest.ts';
import { readByCode } from './read-files.ts';
import type { RuntimeLayer } from './runtime-layer.ts';
import { secretInputs } from './secret-inputs.ts';
import type { Workbench } from './workbench.ts';

/** What processes are bundled from. */
export interface Sources {
  /** The application's directory, without symbolic links in it. */
  root: string;
  graph: Graph;
  layer: RuntimeLayer;
  /** What native parts may be for: `os/architecture`, each. */
  platforms: readonly string[];
  /** A directory for what need not be found out again. @default nothing is kept */
  cache?: string | undefined;
  /** What former bundles of the same application left. @default nothing is left for the next ones either */
  workbench?: Workbench | undefined;
}

/** A process, and what it is made of besides the runtime. */
export interface ProcessBundle extends Bundled {
  /** As in `imageKey`. */
  key: string;
  process: Process;
  /** What its endpoints serve. */
  assets: AssetFile[];
  /** What its code reads while it runs. */
  read: AssetFile[];
}

/**
 * Bundles the processes of every allocation, each by itself, so that nothing of one can show in the bytes of another.
 * @throws UserError with everything that cannot be bundled
 */
export async function bundleProcesses(sources: Sources, config: Config): Promise<ProcessBundle[]> {
  const processes = allocationsOf(config).flatMap((allocation) =>
    processesOf(sources.graph, allocation).map((process) => ({ key: imageKey(allocation, process.name), process })),
  );
  const { root, graph } = sources;
  const workspace = workspaceRoot(root, new Installed());
  const assets = new AssetReader(root, workspace);
  const results = await Promise.all(
    processes.map(async (one) => {
      const served = await assets.of(graph, one.process);
      const bundled = await bundleProcess(sources, config.build, one);
      if ('diagnostics' in bundled) return bundled;
      const elsewhere = [...assetSources(graph, one.process), ...migrationFiles(graph)];
      const read = await assets.read(await readByCode({ root, workspace, elsewhere }, bundled.inputs));
      return { ...one, ...bundled, assets: served, read };
    }),
  );
  const problems = results.flatMap((result) => ('diagnostics' in result ? result.diagnostics : []));
  if (problems.length > 0) throw new UserError(distinct(problems));
  const bundles = results.filter((result) => 'files' in result);
  const inputs = [...new Set(bundles.flatMap((one) => one.inputs))];
  const served = [...new Set(bundles.flatMap((one) => one.assets.map(({ source }) => source)))];
  const read = [...new Set(bundles.flatMap((one) => one.read.map(({ source }) => source)))];
  const { allowSecrets } = config.build;
  const secrets = [
    ...(await secretInputs(root, inputs, 'imported', allowSecrets)),
    ...(await secretInputs(root, served, 'a static asset', allowSecrets)),
    ...(await secretInputs(root, read, 'read by code', allowSecrets)),
  ];
  if (secrets.length > 0) throw new UserError(secrets);
  return bundles;
}

function migrationFiles({ databases }: Graph): string[] {
  return databases.flatMap(({ migrations }) => migrations?.files.map(({ file }) => file) ?? []);
}

function bundleProcess(
  { root, graph, layer, platforms, cache, workbench }: Sources,
  { external, bundle: bundled }: BuildConfig,
  { key, process }: { key: string; process: Process },
): ReturnType<typeof bundle> {
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
  const entry = createEntry(graph, process);
  const again = workbench && { workbench, process: key };
  const externals = { external, bundle: bundled };
  return bundle({ root, entry, layer, generated, externals, platforms, again, cache });
}

/**
 * Of the platforms that native parts may be for, those that every process can run on. Undefined when there are no native parts.
 * @throws UserError FL2007 when there is none
 */
export function platformsOf(bundles: readonly ProcessBundle[], platforms: readonly string[]): string[] | undefined {
  if (bundles.every((one) => one.platforms === undefined)) return undefined;
  const possible = platforms.filter((platform) => bundles.every((one) => one.platforms?.includes(platform) ?? true));
  if (possible.length > 0) return possible;
  throw new UserError({
    code: 'FL2007',
    severity: 'error',
    message: 'no platform is left that every process can run on: their native packages are for different ones',
    help: 'Install all native packages for one platform, such as with npm install --os=linux --cpu=x64.',
  });
}

/** Processes share modules, and so their problems. */
function distinct(diagnostics: Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}
