import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze } from '../../analyzer/mod.ts';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { Template } from '../../cdk/model.ts';
import { inputOf } from '../../test/cdk/support/input.ts';
import { releaseOf } from '../../test/cdk/support/stories.ts';
import { type Cost, type CostSample, costSampleOf, measureProcess, ratioOf } from '../measure-process.ts';
import { alternate } from '../sample.ts';
import { inKit } from '../shop.ts';

/** Both templates of the shop's production, each way in a process of its own from start to end, which validates nothing. */
export interface SynthesisFigures {
  resources: number;
  ours: CostSample;
  /** An application of the AWS CDK with the same resources, and nothing that finds out which. */
  bare: CostSample;
  ratio: Cost;
  goal: number;
}

/** Of the AWS CDK: nothing is validated, as in ours. */
const env = { CDK_VALIDATION: 'false' };

export async function measureSynthesis(rounds: number): Promise<SynthesisFigures> {
  const home = await mkdtemp(join(tmpdir(), 'fairlead-bench-'));
  try {
    const { graph, diagnostics } = await analyze({ root: inKit('examples/shop') });
    if (!graph) throw new Error(JSON.stringify(diagnostics));
    const settings = { processes: 'per-service' } as const;
    const { app, foundation } = inputOf({ release: releaseOf(graph), environment: 'production', settings });
    const stacks = [synthesizeFoundation(foundation), synthesizeApp(app)];
    const [input, ours, bare] = [join(home, 'input.json'), join(home, 'ours'), join(home, 'bare')];
    for (const directory of [ours, bare]) await mkdir(directory);
    await writeFile(input, JSON.stringify({ app, foundation }));
    const templates = stacks.map(({ name }) => join(home, `${name}.json`));
    for (const [index, { template }] of stacks.entries()) await writeFile(templates[index]!, JSON.stringify(template));
    const workers = {
      ours: [inKit('bench/aws/synthesis-worker.ts'), input, ours],
      bare: [inKit('bench/aws/bare-cdk.cjs'), ...templates, bare],
    };
    const costs = await alternate(rounds, {
      ours: () => measureProcess(workers.ours, home, env),
      bare: () => measureProcess(workers.bare, home, env),
    });
    const [own, other] = [await resourcesIn(ours), await resourcesIn(bare)];
    if (own.join() !== other.join()) throw new Error('the two did not write the same resources');
    const samples = { ours: costSampleOf(costs.ours), bare: costSampleOf(costs.bare) };
    return { resources: own.length, ...samples, ratio: ratioOf(samples.ours, samples.bare), goal: 1.3 };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** What the templates of a directory have, as `Id Type`, sorted. */
async function resourcesIn(directory: string): Promise<string[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.template.json'));
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return texts
    .flatMap((text) => Object.entries((JSON.parse(text) as Template).Resources))
    .map(([id, { Type }]) => `${id} ${Type}`)
    .sort();
}
