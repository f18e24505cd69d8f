import { UserError } from '../../analyzer/diagnostic.ts';
import type { MigrateEvent } from '../../runtime/wire.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../ports.ts';
import { excerpt } from './excerpt.ts';
import { onceMended } from './once-mended.ts';

type Failed = Extract<MigrateEvent, { event: 'failed' }>;

/** What the `migrate` entry said until it ended. */
export interface MigrationRun {
  events: readonly MigrateEvent[];
  /** Everything else that it wrote. */
  output: readonly string[];
  /** `exit code 1`, `ended by SIGKILL`; absent when it ended well. */
  ending?: string | undefined;
}

/** Anything else on the standard output is only shown when something fails. */
export function migrateEventFrom(line: string): MigrateEvent | undefined {
  try {
    const value = JSON.parse(line) as MigrateEvent | null;
    return value && typeof value === 'object' && typeof value.event === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The migrations that were applied.
 * @throws UserError FL4009 when one failed
 */
export function migrationsOfRun(
  { events, output, ending }: MigrationRun,
  environment: Environment,
): Outcome['migrations'] {
  const failed = events.find((event) => event.event === 'failed');
  if (failed || ending !== undefined) throw migrationFailed(failed, ending, output, environment);
  return events.flatMap((event) => {
    if (event.event !== 'applied') return [];
    const { event: _, ...applied } = event;
    return [applied];
  });
}

function migrationFailed(
  failed: Failed | undefined,
  ending: string | undefined,
  output: readonly string[],
  environment: Environment,
): UserError {
  if (!failed)
    return new UserError({
      code: 'FL4009',
      severity: 'error',
      message: [`the migrations did not run: ${ending}`, ...excerpt(output).map((line) => `  ${line}`)].join('\n'),
      help: `See what the migrate process wrote, mend it, and ${onceMended(environment)}.`,
    });
  const { database, file, line, column, message, sqlstate, conflict } = failed;
  return new UserError({
    code: 'FL4009',
    severity: 'error',
    message: `a migration of database ${database} failed: ${message}${sqlstate ? ` (SQLSTATE ${sqlstate})` : ''}`,
    help: conflict
      ? conflictHelp(conflict, database, environment)
      : `Correct the migration and ${onceMended(environment)}; the former release, if there is one, keeps answering.`,
    ...(file !== undefined && { position: { file, line: line ?? 1, column: column ?? 1 } }),
  });
}

/** Data that is there for a while only can go; other data cannot. */
function conflictHelp(
  conflict: NonNullable<Failed['conflict']>,
  database: string,
  { name, type }: Environment,
): string {
  if (type === 'local')
    return `Put the applied migrations back as they were, or run \`fairlead db reset ${database}\`, which makes the database anew, empty, by the migrations as they are now.`;
  if (type === 'preview')
    return `Put the applied migrations back as they were, or run \`fairlead destroy --env ${name}\` and deploy again: that makes its databases anew, empty.`;
  return conflict === 'too new'
    ? 'Deploy a release that knows the newer migrations.'
    : 'Put the applied migrations back as they were and write the change as a new migration with a higher number.';
}
