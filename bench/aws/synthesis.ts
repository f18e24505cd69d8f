import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { analyze } from '../../analyzer/mod.ts';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { Template } from '../../cdk/model.ts';
import { inputOf } from '../../test/cdk/support/input.ts';
import { releaseOf } from '../../test/cdk/support/stories.ts';
import { type Cost, type CostSample, costSampleOf, measureProcess, ratioOf } from '../measure-process.ts';
import { alternate } from '../sample.ts';
import { inKit } from '../shop.ts';
import { bareInput } from './bare-input.ts';

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
    const given = [bareInput(() => synthesizeFoundation(foundation)), bareInput(() => synthesizeApp(app))];
    const [input, constructs] = [join(home, 'input.json'), join(home, 'constructs.json')];
    const [ours, bare] = [join(home, 'ours'), join(home, 'bare')];
    for (const directory of [ours, bare]) await mkdir(directory);
    await writeFile(input, JSON.stringify({ app, foundation }));
    await writeFile(constructs, JSON.stringify(given));
    const workers = {
      ours: [inKit('bench/aws/synthesis-worker.ts'), input, ours],
      bare: [inKit('bench/aws/bare-cdk.cjs'), constructs, bare],
    };
    const costs = await alternate(rounds, {
      ours: () => measureProcess(workers.ours, home, env),
      bare: () => measureProcess(workers.bare, home, env),
    });
    const [own, other] = [await resourcesIn(ours), await resourcesIn(bare)];
    const differing = own.find((resource, index) => resource !== other[index]);
    if (differing !== undefined || own.length !== other.length)
      throw new Error(`the two did not write the same resources: ${differing}`);
    const samples = { ours: costSampleOf(costs.ours), bare: costSampleOf(costs.bare) };
    return { resources: own.length, ...samples, ratio: ratioOf(samples.ours, samples.bare), goal: 1.3 };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** The resources of the templates of a directory as sorted JSON, without what the AWS CDK says of where they come from. */
async function resourcesIn(directory: string): Promise<string[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.template.json'));
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return texts
    .flatMap((text) => Object.entries((JSON.parse(text) as Template).Resources))
    .map(([id, { Type, Properties = {} }]) => canonicalize({ id, Type, Properties })!)
    .sort();
}
