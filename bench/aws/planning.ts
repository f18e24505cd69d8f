import { appendFile, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyze } from '../../analyzer/mod.ts';
import type { Template } from '../../cdk/model.ts';
import type { Plan } from '../../pipeline/mod.ts';
import { generatedApplication } from '../generated-application.ts';
import { type CostSample, costSampleOf, measureProcess } from '../measure-process.ts';
import { runCommand } from '../run-command.ts';
import { alternate } from '../sample.ts';
import { inKit } from '../shop.ts';
import { openStage, quiet, type Stage } from './stage.ts';

/** A plan of a production that is there, after a change of the sources, each in a process of its own from start to end. */
export interface PlanFigures {
  name: string;
  services: number;
  /** Of both templates together. */
  resources: number;
  /** The analysis of the sources, with nothing kept, and what would change in words. */
  plan: CostSample;
  /** Of that, the analysis: `fairlead graph` with nothing kept. */
  analysis: CostSample;
  /** Milliseconds of all cores together. */
  goal: number;
}

const worker = inKit('bench/aws/plan-worker.ts');

/** The shop, each service in a process of its own, and an application of `services` services, which are all in one. */
export async function measurePlans(rounds: number, services = 40): Promise<PlanFigures[]> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  try {
    await using stage = await openStage({
      containers: ({ name }) => (name === 'migrate' || name.startsWith('provision') ? { exitsAfter: 1000 } : {}),
    });
    const shop = await copied(join(home, 'shop'));
    const generated = await written(join(home, 'generated'), services);
    return [
      await measure(stage, { root: shop, name: 'examples/shop', processes: 'per-service', goal: 1500, rounds }),
      await measure(stage, { root: generated, name: 'generated', processes: 'all-in-one', goal: 3000, rounds }),
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function copied(root: string): Promise<string> {
  await cp(inKit('examples/shop'), root, { recursive: true, filter: (path) => !/node_modules|encore\.gen/.test(path) });
  await symlink(inKit('node_modules'), join(root, 'node_modules'));
  return root;
}

async function written(root: string, services: number): Promise<string> {
  for (const [path, text] of Object.entries(generatedApplication(services))) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await symlink(inKit('node_modules'), join(root, 'node_modules'));
  return root;
}

interface Measured {
  root: string;
  name: string;
  processes: 'all-in-one' | 'per-service';
  goal: number;
  rounds: number;
}

async function measure(stage: Stage, { root, name, processes, goal, rounds }: Measured): Promise<PlanFigures> {
  const { graph, diagnostics } = await analyze({ root });
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  const before = await stage.plan(graph, 'production', 1, processes);
  await stage.target.apply(before, quiet);
  const resources = await resourcesOf(stage, before, join(root, '../templates'));
  const service = graph.services[0]!;
  const file = join(root, dirname(service.position.file), 'bench.ts');
  await appendFile(file, added);
  const argv = [worker, 'production', processes];
  const { env } = stage.aws;
  const { stdout } = await runCommand(argv, { cwd: root, env });
  if (!stdout.includes('topic bench-added')) throw new Error(`the plan does not tell of the topic:\n${stdout}`);
  const bin = inKit('cli/bin.js');
  const costs = await alternate(rounds, {
    plan: () => measureProcess(argv, root, env),
    analysis: () => measureProcess([bin, 'graph', '--format', 'json', '--no-cache'], root),
  });
  return {
    name,
    services: graph.services.length,
    resources,
    plan: costSampleOf(costs.plan),
    analysis: costSampleOf(costs.analysis),
    goal,
  };
}

/** Of all templates of a plan. */
async function resourcesOf({ target }: Stage, plan: Plan, directory: string): Promise<number> {
  const files = await target.cloud!.synthesize(plan, directory);
  const templates = files.filter((file) => file.endsWith('.template.json'));
  const texts = await Promise.all(templates.map((file) => readFile(join(directory, file), 'utf8')));
  return texts.reduce((sum, text) => sum + Object.keys((JSON.parse(text) as Template).Resources).length, 0);
}

const added = `import { Topic } from 'encore.dev/pubsub';

export const added = new Topic<{ text: string }>('bench-added', { deliveryGuarantee: 'at-least-once' });
`;
