import { UserError } from '../../analyzer/diagnostic.ts';
import type { Deployed, LogLine } from '../../pipeline/mod.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { paint } from '../paint.ts';
import { renderLogLine, renderRawLine } from '../render-log-line.ts';
import { existingEnvironment, openApplication } from '../wiring.ts';

interface Options {
  env: string;
  follow?: boolean;
  process?: string;
  tail?: number;
  /** Milliseconds back. */
  since?: number;
}

/**
 * Prints the log lines of an environment: for people on a terminal, elsewhere as the processes wrote them, and with `--json` one object
 * per line.
 */
export async function logs(
  context: Context,
  { env, follow = false, process: only, tail, since }: Options,
): Promise<undefined> {
  const opened = await openApplication(context);
  const environment = await existingEnvironment(opened, env);
  if (only !== undefined) requireProcess(only, env, await opened.ports.target.read(environment));
  const { signal } = context.interruption;
  process.stdout.once('error', () => process.exit(exitCodes.done));
  const lines = opened.ports.target.logs(environment, {
    follow,
    signal,
    ...(only === undefined ? {} : { process: only }),
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since: new Date(Date.now() - since) }),
  });
  // Only on this machine is there a front door that tells of requests for all processes.
  const requests = only === undefined && opened.ports.target.name === 'local' ? 'front door' : 'all';
  const render = (line: LogLine) =>
    process.stdout.isTTY ? renderLogLine(line, paint, requests) : renderRawLine(line, paint);
  await context.interruption.busy(async () => {
    for await (const line of lines) {
      const text = context.json ? JSON.stringify(line) : render(line);
      if (text !== undefined) process.stdout.write(`${text}\n`);
    }
  });
  context.interruption.checkpoint();
}

/** What stands still tells no processes; then its logs alone can say. */
function requireProcess(name: string, env: string, deployed: Deployed | undefined): void {
  const names = (deployed?.processes ?? []).map((process) => process.name);
  if (names.length === 0 || names.includes(name)) return;
  throw new UserError({
    code: 'FL5012',
    severity: 'error',
    message: `${env} has no process ${name}`,
    help: `There is ${names.join(', ')}.`,
  });
}
