import type { Task } from '@aws-sdk/client-ecs';
import type { Environment, Outcome } from '../../pipeline/mod.ts';
import { migrateEventFrom, migrationsOfRun } from '../../pipeline/refusals/migrations.ts';
import type { MigrateEvent } from '../../runtime/wire.ts';
import type { Clients } from '../clients.ts';
import { awsError } from '../errors.ts';
import type { Time } from '../time.ts';
import { type Ending, endingOf } from './ending.ts';
import { provisionEventFrom } from './provision.ts';
import { taskLog } from './task-log.ts';

/**
 * What the containers `provision` and `migrate` of a task said: the migrations that were applied.
 * @throws UserError FL4009 when a migration failed, FL7131 when the databases could not be made
 */
export async function migrationsOfTask(
  aws: { clients: Clients; time: Time },
  task: Task,
  environment: Environment,
): Promise<Outcome['migrations']> {
  const ending = endingOf(task);
  if (ending?.container?.startsWith('provision')) throw await notProvisioned(aws, task, ending);
  // Nothing of it ever ran, or it is not about migrations.
  if (ending && ending.container !== 'migrate')
    throw awsError(
      'FL7130',
      `the migrations did not run: ${ending.reason}`,
      'Run the same command again; when it stays, see the stopped task in the console of Amazon ECS.',
    );
  const { events, output } = sorted(await taskLog(aws, task, 'migrate', ending ? 1 : 0));
  const ended = ending?.reason.replace(/^it ended with code/, 'exit code').replace(/^it /, '');
  return migrationsOfRun({ events, output, ending: ended }, environment);
}

function sorted(lines: readonly string[]): { events: MigrateEvent[]; output: string[] } {
  const events: MigrateEvent[] = [];
  const output: string[] = [];
  for (const line of lines) {
    const event = migrateEventFrom(line);
    if (event) events.push(event);
    else output.push(line);
  }
  return { events, output };
}

async function notProvisioned(aws: { clients: Clients; time: Time }, task: Task, { container, reason }: Ending) {
  const lines = await taskLog(aws, task, container!);
  const failed = lines.map(provisionEventFrom).findLast((event) => event?.event === 'failed');
  const why = failed ? `${failed.message}${failed.sqlstate ? ` (SQLSTATE ${failed.sqlstate})` : ''}` : reason;
  return awsError(
    'FL7131',
    [`the databases could not be made: ${why}`, ...(failed ? [] : lines.slice(-10).map((line) => `  ${line}`))].join(
      '\n',
    ),
    'See that the database server runs, in the console of Amazon RDS, and run the same command again.',
  );
}
