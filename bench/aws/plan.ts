import { analyze, type Graph } from '../../analyzer/mod.ts';
import { openAwsImages } from '../../cdk/mod.ts';
import { renderForesight } from '../../cli/render-foresight.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import {
  type Allocation,
  canonicalDigest,
  databaseSchemas,
  imageKey,
  makePlan,
  parseEnvironment,
  processesOf,
  type Release,
} from '../../pipeline/mod.ts';
import { loadTarget } from '../../targets.ts';

/** What an environment of the application in the current directory would become, in the account of the process's environment. */
export async function plan(name: string, processes: Allocation): Promise<string> {
  const { graph, diagnostics } = await analyze({ root: process.cwd() });
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  const environment = parseEnvironment(graph.application, name);
  const settings = { processes, cron: environment.type !== 'preview', healthTimeout: 30_000 };
  const { env } = process;
  const provisioner = async () => ({ digest: canonicalDigest('provisioner'), from: openLayout('none') });
  const images = openAwsImages({ env, provisioner });
  const target = await loadTarget('aws', { env, images, written: () => ({ aws: {}, overrides: {} }) });
  try {
    const drawn = makePlan({ release: unbuilt(graph), environment, settings });
    const report = { step: <T>(_title: string, work: () => Promise<T>) => work(), info: () => {}, warn: () => {} };
    const foresight = await target.cloud!.foresee(drawn, report);
    return renderForesight(foresight, (_format, text) => text);
  } finally {
    await images.close();
  }
}

/** A release as if it were built: planning asks for the digests of images, and for nothing in them. */
function unbuilt(graph: Graph): Release {
  const hash = canonicalDigest(graph);
  const keys = (['all-in-one', 'per-service'] as const).flatMap((allocation) =>
    processesOf(graph, allocation).map(({ name }) => imageKey(allocation, name)),
  );
  const images = Object.fromEntries(keys.map((key) => [key, canonicalDigest([hash, key])]));
  const migrate = graph.databases.length > 0 && { migrate: keys[0]! };
  const content = { version: 2, tool: '0.0.0', graph, images, databases: databaseSchemas(graph), inputs: {} } as const;
  return { digest: hash, content: { ...content, ...migrate }, source: { hash } };
}
