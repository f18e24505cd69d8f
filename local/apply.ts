import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, Outcome, Plan, Reporter } from '../pipeline/mod.ts';
import { refuseMissingSecrets, warnOfMissingSecrets } from '../pipeline/refusals/missing-secrets.ts';
import { onceMended } from '../pipeline/refusals/once-mended.ts';
import { refuseForeign, refuseNamesake } from '../pipeline/refusals/ownership.ts';
import { unhealthy } from '../pipeline/refusals/unhealthy.ts';
import { UserError } from '../pipeline/user-error.ts';
import { bucketsDirectory } from './buckets.ts';
import { type EnvironmentRecord, listRecords, readRecord, takenPorts, writeRecord } from './environments.ts';
import { freePort, keptPorts } from './free-port.ts';
import { type ImageSource, imageDirectory, layOutImages, tidyImages } from './images.ts';
import type { Keys } from './keys.ts';
import { doorsOf, type Layout, layOut, needsPostgres } from './layout.ts';
import type { Locks } from './lock.ts';
import { runMigrations } from './migrate.ts';
import { words } from './ownership.ts';
import { portInUse, refuseTakenPort } from './port-in-use.ts';
import { ensureDatabases, grant, settle } from './postgres/databases.ts';
import { ensureServer, type Server } from './postgres/server.ts';
import type { LocalSecretStore } from './secrets.ts';
import { makeDirectory, type State, stateError } from './state.ts';
import {
  deploy,
  ensureSupervisor,
  readStatus,
  type Supervision,
  SupervisorLost,
  stopSupervisor,
} from './supervisor/client.ts';
import type { DeployEvent, DeployRequest } from './supervisor/protocol.ts';
import { withoutImages } from './without-images.ts';

export interface Machine {
  state: State;
  keys: Keys;
  locks: Locks;
  images: ImageSource;
  secrets: LocalSecretStore;
  /** Whom it works for, `owner/name`; absent: for whoever uses this machine. */
  repository?: string;
  /** The URL of a collector of traces and metrics. */
  collector?: string;
}

/**
 * Brings an environment to its plan. Each step only adds what is missing, so a run that was killed is continued by the next
 * one; what the former release needs is taken away last, when the new one answers.
 */
export async function apply(machine: Machine, plan: Plan, report: Reporter): Promise<Outcome> {
  const { state, keys, locks, repository } = machine;
  const former = readRecord(state, plan.environment);
  refuseForeign(former, repository, words);
  refuseNamesake(listRecords(state, plan.environment.application), repository, words);
  const secrets = await requireSecrets(machine, plan, report);
  await fetchImages(machine, plan, former);
  const record = await begin(machine, plan, former);
  // Starts while the databases are prepared; awaited where it is needed, which is also where its failure is thrown.
  const supervision = ensureSupervisor(state, locks, plan.environment);
  supervision.catch(() => {});
  try {
    await refuseTakenPort(record.front, supervision, plan.environment);
    const server =
      record.postgres && needsPostgres(plan)
        ? await report.step('Start PostgreSQL', () => ensureServer(state, keys, locks))
        : undefined;
    const layout = layOut(
      plan,
      {
        front: record.front,
        doors: record.doors,
        ...(server && { postgres: server.port }),
        ...(record.cache !== undefined && { cache: record.cache }),
        buckets: bucketsDirectory(state, plan.environment),
        ...(machine.collector !== undefined && { collector: machine.collector }),
      },
      keys,
      secrets,
    );
    const migrations = server ? await prepareDatabases(machine, layout, server, report) : [];
    const { started, kept } = await replaceProcesses(machine, await supervision, layout, report);
    if (server && layout.database) {
      const { database, environment } = layout;
      await report.step('Take away what is no longer needed', () =>
        locks.hold('postgres-catalog', () => settle(server, environment, database)),
      );
    }
    tidyImages(state, plan);
    const { pending: _, ...rest } = record;
    writeRecord(state, { ...rest, release: plan.release.digest, postgres: former?.postgres || needsPostgres(plan) });
    return { url: layout.url, release: plan.release.digest, started, kept, migrations };
  } catch (error) {
    await stopIfIdle(machine, plan.environment, supervision);
    if (error instanceof UserError && former) restore(state, former, record);
    throw explain(error, state, plan.environment);
  }
}

async function requireSecrets({ secrets }: Machine, plan: Plan, report: Reporter) {
  if (plan.isolated) return {};
  const names = plan.secrets.map(({ name }) => name);
  const missing = await secrets.missing(plan.environment, names);
  if (plan.environment.type === 'local') warnOfMissingSecrets(missing, report);
  else refuseMissingSecrets(plan, missing);
  return secrets.values(plan.environment, names);
}

/** Before anything changes; an environment that was not there is not begun by an image that is not there. */
async function fetchImages({ images, state }: Machine, plan: Plan, former: EnvironmentRecord | undefined) {
  try {
    await layOutImages(images, state, plan);
  } catch (error) {
    const directory = state.environment(plan.environment);
    if (!former) rmSync(directory, { recursive: true, force: true });
    throw stateError(error, directory);
  }
}

/** Says on disk what is about to happen, and settles the ports that stay for the environment's life. */
export async function begin(
  { state, locks, repository }: Pick<Machine, 'state' | 'locks' | 'repository'>,
  plan: Plan,
  former: EnvironmentRecord | undefined,
): Promise<EnvironmentRecord> {
  const { environment, settings } = plan;
  return locks.hold('ports', async () => {
    const taken = takenPorts(
      listRecords(state).filter((one) => state.environment(one.environment) !== state.environment(environment)),
    );
    const choose = async (name: string) => {
      const port = await freePort(
        JSON.stringify([state.directory, environment.application, environment.name, name]),
        keptPorts,
        taken,
      );
      taken.add(port);
      return port;
    };
    const front = settings.port ?? former?.front ?? (await choose(''));
    taken.add(front);
    const cache = former?.cache ?? (plan.caches.length > 0 ? await choose('@caches') : undefined);
    const doors: Record<string, number> = {};
    for (const name of doorsOf(plan)) doors[name] = former?.doors[name] ?? (await choose(name));
    const owner = repository ?? former?.repository;
    const record: EnvironmentRecord = {
      environment,
      ...(owner !== undefined && { repository: owner }),
      ...(former?.release && { release: former.release }),
      front,
      doors: { ...former?.doors, ...doors },
      ...(cache !== undefined && { cache }),
      postgres: former?.postgres || needsPostgres(plan),
      pending: 'apply',
      updated: '',
    };
    writeRecord(state, record);
    return record;
  });
}

/** Refused, and the former release answers as before: nothing is pending. After anything else another run has to follow. */
function restore(state: State, former: EnvironmentRecord, { postgres }: EnvironmentRecord): void {
  if (!former.release || former.pending === 'destroy') return;
  const { pending: _, ...rest } = former;
  writeRecord(state, { ...rest, postgres });
}

async function prepareDatabases(
  { state, locks }: Machine,
  { environment, database, migrate }: Layout,
  server: Server,
  report: Reporter,
): Promise<Outcome['migrations']> {
  if (!database) return [];
  await report.step('Prepare databases and roles', () =>
    locks.hold('postgres-catalog', () => ensureDatabases(server, environment, database)),
  );
  const runDirectory = join(state.environment(environment), 'run');
  makeDirectory(runDirectory);
  const migrations = migrate
    ? await report.step('Apply migrations', () =>
        runMigrations(migrate, imageDirectory(state, environment, migrate.image), runDirectory, environment),
      )
    : [];
  await report.step('Grant permissions', () => locks.hold('postgres-catalog', () => grant(server, database)));
  return migrations;
}

function replaceProcesses({ state }: Machine, supervision: Supervision, layout: Layout, report: Reporter) {
  return report.step('Replace processes', async () => {
    const { release, front, healthTimeout, cronJobs, caches, internalKey } = layout;
    const processes = layout.processes.map(({ image, ...process }) => ({
      ...process,
      directory: imageDirectory(state, layout.environment, image),
    }));
    const settings = { release, front, healthTimeout, cronJobs, internalKey };
    const request: DeployRequest = { ...settings, processes, ...(caches && { caches }) };
    const last = await deploy(supervision, request, (event) => {
      if (event.event === 'healthy') report.info(`${event.process} answers after ${event.milliseconds} ms`);
    });
    if (last.event === 'done') return last;
    const former = (await readStatus(supervision))?.release !== undefined;
    throw refusal(last, layout.environment, former);
  });
}

/** After a first release that was refused, nothing is left running. */
async function stopIfIdle(
  { state, locks }: Machine,
  environment: Environment,
  starting: Promise<Supervision>,
): Promise<void> {
  // One that did not start has nothing to stop, and its own error is the one that is thrown.
  const supervision = await starting.catch(() => undefined);
  if (supervision && !(await readStatus(supervision))?.release) await stopSupervisor(state, locks, environment);
}

function refusal(event: DeployEvent, environment: Environment, former: boolean): Error {
  switch (event.event) {
    case 'unhealthy':
      return unhealthy({ ...event, output: event.output.map(withoutImages), former }, environment);
    case 'port-in-use':
      return portInUse(event.port, environment, former);
    default:
      return new Error('message' in event ? event.message : `the deployment stopped at ${event.event}`);
  }
}

/** Not refused, but broken off in the middle, by what a user can mend: PostgreSQL on a full disk, a supervisor that was ended. */
function explain(error: unknown, state: State, environment: Environment): unknown {
  const { application, name } = environment;
  const { code, severity, message } = error as { code?: string; severity?: string; message?: string };
  // Where it only says that a checkpoint failed, the space that is left tells why.
  if (code === '53100' || (severity !== undefined && isNearlyFull(state.postgres)))
    return stateError(Object.assign(new Error(message), { code: 'ENOSPC' }), state.postgres);
  if (!(error instanceof SupervisorLost)) return error;
  return new UserError(
    {
      code: 'FL4019',
      severity: 'error',
      message: `the supervisor of ${application}/${name} ended in the middle of the deployment: ${message}`,
      help: `To bring the deployment to its end, ${onceMended(environment)}.`,
    },
    { cause: error },
  );
}

/** Whether PostgreSQL may lack the space for its next write-ahead segments, of 16 MiB each. */
function isNearlyFull(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < 64 * 1024 * 1024;
}
