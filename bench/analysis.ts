import { appendFile, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { endpointsOf, generatedApplication, lastFile } from './generated-application.ts';
import { type Cost, type CostSample, costSampleOf, measureProcess, ratioOf } from './measure-process.ts';
import { runCommand } from './run-command.ts';
import { alternate, type Sample } from './sample.ts';
import { inKit } from './shop.ts';

/** The analysis of one application against the check of its types, each in a process of its own from start to end. */
export interface ApplicationFigures {
  name: string;
  services: number;
  endpoints: number;
  /** `fairlead graph` with nothing kept of a former run. */
  cold: CostSample;
  /** The same with nothing changed since the last run, and with one file changed that no other service depends on. */
  unchanged: CostSample;
  oneChanged: CostSample;
  typescript6: CostSample;
  /** A native compiler on all cores, for information. */
  typescript7?: Sample;
  /** The cold run over TypeScript 6. */
  ratio: Cost;
}

export interface AnalysisFigures {
  applications: ApplicationFigures[];
  goals: typeof goals;
}

/** Ratios to TypeScript 6; `unchanged` is the CPU time of a run in milliseconds. */
export const goals = { wall: 1.2, memory: 1.3, wallOfHundred: 2, unchanged: 150 };

const sizes = [10, 50, 100, 200];

/** The shop, and generated applications of growing size in fewer rounds. */
export async function measureAnalysis(rounds: number): Promise<AnalysisFigures> {
  const applications = [await measureShop(rounds)];
  for (const size of sizes) applications.push(await measureGenerated(size, Math.min(rounds, 3)));
  return { applications, goals };
}

async function measureShop(rounds: number): Promise<ApplicationFigures> {
  await using place = await temporaryPlace();
  const filter = (path: string) => !/node_modules|encore\.gen/.test(path);
  await cp(inKit('examples/shop'), place.root, { recursive: true, filter });
  return await measure({ name: 'examples/shop', changing: 'analytics/analytics.ts' }, place.root, rounds, true);
}

async function measureGenerated(services: number, rounds: number): Promise<ApplicationFigures> {
  await using place = await temporaryPlace();
  for (const [path, text] of Object.entries(generatedApplication(services))) {
    await mkdir(dirname(join(place.root, path)), { recursive: true });
    await writeFile(join(place.root, path), text);
  }
  const figures = await measure({ name: 'generated', changing: lastFile(services) }, place.root, rounds, false);
  if (figures.services !== services || figures.endpoints !== endpointsOf(services))
    throw new Error(`the graph has ${figures.services} services with ${figures.endpoints} endpoints`);
  return figures;
}

/** A directory for an application, with the packages of the kit; it goes at the end. */
async function temporaryPlace(): Promise<{ root: string } & AsyncDisposable> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  const root = join(home, 'application');
  await mkdir(root);
  await symlink(inKit('node_modules'), join(root, 'node_modules'));
  return { root, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}

async function measure(
  { name, changing }: { name: string; changing: string },
  root: string,
  rounds: number,
  withTypescript7: boolean,
): Promise<ApplicationFigures> {
  const bin = inKit('cli/bin.js');
  // Without the generated clients the compilers would have less to do, and report errors.
  await measureProcess([bin, 'generate', '--quiet', '--no-cache'], root);
  const kept = join(root, '../kept');
  const analyze = () => measureProcess([bin, 'graph', '--format', 'json', '--cache-dir', kept], root);
  const compile = (compiler: string) => [inKit(`node_modules/${compiler}/bin/tsc`), '--noEmit'];
  let changes = 0;
  const costs = await alternate<string, Cost>(rounds, {
    typescript6: () => measureProcess(compile('typescript6'), root),
    cold: async () => {
      await rm(kept, { recursive: true, force: true });
      return analyze();
    },
    unchanged: analyze,
    oneChanged: async () => {
      await appendFile(join(root, changing), `export const change${++changes} = ${changes};\n`);
      return analyze();
    },
    // Its process becomes the native compiler, which tells nothing at its end.
    ...(withTypescript7 && {
      typescript7: async () => {
        const { milliseconds } = await runCommand(compile('typescript'), { cwd: root });
        return { wall: milliseconds, cpu: Number.NaN, memory: Number.NaN };
      },
    }),
  });
  const [cold, typescript6] = [costSampleOf(costs.cold!), costSampleOf(costs.typescript6!)];
  return {
    name,
    ...(await sizeOf(root)),
    cold,
    typescript6,
    unchanged: costSampleOf(costs.unchanged!),
    oneChanged: costSampleOf(costs.oneChanged!),
    ...(costs.typescript7 && { typescript7: costSampleOf(costs.typescript7).wall }),
    ratio: ratioOf(cold, typescript6),
  };
}

async function sizeOf(root: string): Promise<{ services: number; endpoints: number }> {
  const { analyze } = await import('../analyzer/mod.ts');
  const { graph, diagnostics } = await analyze({ root });
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  const endpoints = graph.services.reduce((sum, service) => sum + service.endpoints.length, 0);
  return { services: graph.services.length, endpoints };
}
