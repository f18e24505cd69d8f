import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { paint } from '../paint.ts';
import { renderRawLine } from '../render-log-line.ts';
import { existingEnvironment, openApplication } from '../wiring.ts';

interface Options {
  env: string;
  follow?: boolean;
  process?: string;
  tail?: number;
}

/** Prints the log lines of an environment as the processes wrote them; with `--json` one object per line. */
export async function logs(
  context: Context,
  { env, follow = false, process: only, tail }: Options,
): Promise<undefined> {
  const opened = await openApplication(context);
  const environment = await existingEnvironment(opened, env);
  const { signal } = context.interruption;
  process.stdout.once('error', () => process.exit(exitCodes.done));
  const lines = opened.ports.target.logs(environment, {
    follow,
    signal,
    ...(only === undefined ? {} : { process: only }),
    ...(tail === undefined ? {} : { tail }),
  });
  await context.interruption.busy(async () => {
    for await (const line of lines) {
      const text = context.json ? JSON.stringify(line) : renderRawLine(line, paint, process.stdout.isTTY === true);
      process.stdout.write(`${text}\n`);
    }
  });
  context.interruption.checkpoint();
}
