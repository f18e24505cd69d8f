import { analyzeApplication } from '../application.ts';
import { attach } from '../attach.ts';
import { runChild } from '../child.ts';
import type { Context, Ended } from '../context.ts';
import { writeGenerated } from '../generated-files.ts';
import { prepareLocal } from '../prepare-local.ts';

/** Runs a program with the infrastructure of the environment `local`. */
export async function exec(context: Context, { command }: { command: string[] }): Promise<Ended> {
  const { directory, interruption } = context;
  const [program = '', ...args] = command;
  const graph = await analyzeApplication(context);
  writeGenerated(directory, graph);
  const infrastructure = await prepareLocal(context, graph);
  try {
    const { workDirectory } = infrastructure;
    const env = attach({ root: directory, graph, infrastructure, workDirectory });
    return { exitCode: await runChild({ command: program, args, directory, env }, interruption) };
  } finally {
    infrastructure.release();
  }
}
