import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, Outcome } from '../pipeline/mod.ts';
import { UserError } from '../pipeline/user-error.ts';
import type { MigrateEvent } from '../runtime/wire.ts';
import { baseVariables } from './base-variables.ts';
import { excerpt } from './excerpt.ts';
import type { Layout } from './layout.ts';
import { writeJson } from './state.ts';
import { eachLine } from './supervisor/log-file.ts';

type Failed = Extract<MigrateEvent, { event: 'failed' }>;

/**
 * Brings databases and queues up to the release with its own `migrate` entry; resolves to the migrations that were applied.
 * @throws UserError FL4009 when one fails
 */
export async function runMigrations(
  { config, env }: NonNullable<Layout['migrate']>,
  image: string,
  runDirectory: string,
  environment: Environment,
): Promise<Outcome['migrations']> {
  const configuration = join(runDirectory, `migrate.${process.pid}.json`);
  writeJson(configuration, config);
  try {
    const { events, output, ending } = await run(join(image, 'migrate.mjs'), {
      ...env,
      ENCORE_INFRA_CONFIG_PATH: configuration,
    });
    const failed = events.find((event) => event.event === 'failed');
    if (failed || ending !== undefined) throw migrationFailed(failed, ending, output, environment);
    return events.flatMap((event) => {
      if (event.event !== 'applied') return [];
      const { event: _, ...applied } = event;
      return [applied];
    });
  } finally {
    rmSync(configuration, { force: true });
  }
}

async function run(program: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    env: { ...baseVariables(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: MigrateEvent[] = [];
  const output: string[] = [];
  eachLine(child.stdout, (line) => {
    const event = eventFrom(line);
    if (event) events.push(event);
    else output.push(line);
  });
  eachLine(child.stderr, (line) => output.push(line));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { events, output, ending: code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}` };
}

/** Anything else on the standard output is only shown when something fails. */
function eventFrom(line: string): MigrateEvent | undefined {
  try {
    const value = JSON.parse(line) as MigrateEvent | null;
    return value && typeof value === 'object' && typeof value.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function migrationFailed(
  failed: Failed | undefined,
  ending: string | undefined,
  output: string[],
  environment: Environment,
): UserError {
  if (!failed)
    return new UserError({
      code: 'FL4009',
      severity: 'error',
      message: [`the migrations did not run: ${ending}`, ...excerpt(output).map((line) => `  ${line}`)].join('\n'),
      help: 'See what the migrate process wrote, mend it, and deploy again.',
    });
  const { database, file, line, column, message, sqlstate, conflict } = failed;
  return new UserError({
    code: 'FL4009',
    severity: 'error',
    message: `a migration of database ${database} failed: ${message}${sqlstate ? ` (SQLSTATE ${sqlstate})` : ''}`,
    help: conflict
      ? conflictHelp(conflict, environment)
      : 'Correct the migration and deploy again; the former release, if there is one, keeps answering.',
    ...(file !== undefined && { position: { file, line: line ?? 1, column: column ?? 1 } }),
  });
}

/** Data that is there for a while only can go; other data cannot. */
function conflictHelp(conflict: NonNullable<Failed['conflict']>, { name, type }: Environment): string {
  if (type === 'preview' || type === 'local')
    return `Put the applied migrations back as they were, or run \`fairlead destroy --env ${name}\` and deploy again: that makes its databases anew, empty.`;
  return conflict === 'too new'
    ? 'Deploy a release that knows the newer migrations.'
    : 'Put the applied migrations back as they were and write the change as a new migration with a higher number.';
}
