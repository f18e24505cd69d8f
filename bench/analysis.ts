import { runCommand } from './run-command.ts';
import { alternate, type Sample } from './sample.ts';
import { copyShop, inKit } from './shop.ts';

export interface AnalysisFigures {
  fairlead: Sample;
  typescript6: Sample;
  typescript7: Sample;
  ratio: number;
  goal: number;
}

/** The analysis of the shop against the check of its types, each in a process of its own from start to end. */
export async function measureAnalysis(rounds: number): Promise<AnalysisFigures> {
  await using shop = await copyShop();
  // Without the generated clients the compilers would have less to do, and report errors.
  await shop.fairlead(['generate']);
  const compiler = (name: string) => async () => {
    const argv = [inKit(`node_modules/${name}/bin/tsc`), '--noEmit', '--project', shop.root];
    return (await runCommand(argv, { cwd: shop.root })).milliseconds;
  };
  const samples = await alternate(rounds, {
    fairlead: async () => (await shop.fairlead(['graph', '--format', 'json'])).milliseconds,
    typescript6: compiler('typescript6'),
    typescript7: compiler('typescript'),
  });
  return { ...samples, ratio: samples.fairlead.median / samples.typescript6.median, goal: 1.5 };
}
