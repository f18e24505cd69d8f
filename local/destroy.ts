import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Destroyed, Environment, Reporter } from '../pipeline/mod.ts';
import { count } from '../pipeline/tell/words.ts';
import type { Machine } from './apply.ts';
import { countBuckets } from './buckets.ts';
import { listRecords, readRecord, writeRecord } from './environments.ts';
import { lockName } from './lock.ts';
import { dropDatabases } from './postgres/databases.ts';
import { ensureServer, findServer, hasData, removeServer } from './postgres/server.ts';
import { signal } from './process-identity.ts';
import { stopSupervisor } from './supervisor/client.ts';

/** Removes every trace of an environment, also of one that was never finished. Each step looks at what is really there. */
export async function destroy(machine: Machine, environment: Environment, report: Reporter): Promise<Destroyed> {
  const { state, keys, locks } = machine;
  const outcome: Destroyed = { removed: [], left: [] };
  const record = readRecord(state, environment);
  if (record) writeRecord(state, { ...record, pending: 'destroy' });

  await attempt(outcome, 'processes', () =>
    report.step('Stop processes', async () => ((await stopSupervisor(state, locks, environment)) ? ['processes'] : [])),
  );
  // A server that nobody else needs and that does not run is removed as it is: it might not even start on a full disk.
  const others = () =>
    listRecords(state).some(
      (one) => one.postgres && state.environment(one.environment) !== state.environment(environment),
    );
  if (hasData(state) && (others() || (await findServer(state, keys))))
    await attempt(outcome, 'databases and roles', () =>
      report.step('Drop databases and roles', async () => {
        const server = await ensureServer(state, keys, locks);
        return locks.hold('postgres-catalog', () => dropDatabases(server, environment));
      }),
    );
  // The record goes last: as long as something is left, the environment is listed as incomplete.
  if (outcome.left.length > 0) return outcome;
  await attempt(outcome, `files in ${state.environment(environment)}`, async () => {
    const directory = state.environment(environment);
    if (!existsSync(directory)) return [];
    const buckets = countBuckets(state, environment);
    // A supervisor may only now have come up that was started by a command that was killed: it has no processes yet.
    await locks.hold(
      lockName('supervisor', environment),
      async () => rmSync(directory, { recursive: true, force: true }),
      (late) => signal(late, 'SIGKILL'),
    );
    for (const parent of [dirname(directory), state.application(environment.application)])
      if (readdirSync(parent).length === 0) rmdirSync(parent);
    return [...(buckets > 0 ? [count(buckets, 'bucket')] : []), `files in ${directory}`];
  });
  await attempt(outcome, 'PostgreSQL server', async () => {
    if (!existsSync(state.postgres) || others()) return [];
    return report.step('Remove PostgreSQL', async () =>
      (await removeServer(state, locks, others)) ? ['PostgreSQL server'] : [],
    );
  });
  return outcome;
}

/** What cannot be removed is reported, and does not keep the rest. */
async function attempt(outcome: Destroyed, what: string, work: () => Promise<string[]>): Promise<void> {
  try {
    outcome.removed.push(...(await work()));
  } catch (error) {
    outcome.left.push({ what, why: (error as Error).message });
  }
}
