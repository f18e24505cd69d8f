import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan, Reporter } from '../pipeline/mod.ts';
import { begin } from './apply.ts';
import { readRecord, writeRecord } from './environments.ts';
import { type Infrastructure, prepareInfrastructure } from './infrastructure.ts';
import { openKeys } from './keys.ts';
import { Locks } from './lock.ts';
import { ensureServer } from './postgres/server.ts';
import { identify, isAlive } from './process-identity.ts';
import { createSecretStore } from './secrets.ts';
import { makeDirectory, openState, readJson, writeJson } from './state.ts';
import { findSupervisor } from './supervisor/client.ts';

export interface PrepareRequest {
  /** Absolute; made where it is missing. */
  stateDirectory: string;
  plan: Plan;
  /** The application's directory. */
  root: string;
  /** Values of secrets in environments of type `local`, which win over stored ones. */
  localSecrets: Record<string, string>;
}

export interface Prepared extends Infrastructure {
  /** For files of this process, until `release`. */
  workDirectory: string;
  release(): void;
}

/**
 * Has the infrastructure of an environment of this machine there for a program that is none of its processes: made where it is
 * missing, and brought up to the sources. What runs goes on.
 */
export async function prepareEnvironment(
  { stateDirectory, plan, root, localSecrets }: PrepareRequest,
  report: Reporter,
): Promise<Prepared> {
  const state = openState(stateDirectory);
  const [keys, locks] = [openKeys(state), new Locks(stateDirectory)];
  const { environment } = plan;
  const former = readRecord(state, environment);
  const names = plan.secrets.map(({ name }) => name);
  const secrets = await createSecretStore(stateDirectory, localSecrets).values(environment, names);
  const record = await begin({ state, locks }, plan, former);
  const workDirectory = makeWorkDirectory(join(state.environment(environment), 'run'));
  const release = () => rmSync(workDirectory, { recursive: true, force: true });
  try {
    // Caches are there as long as the processes are.
    const cache = findSupervisor(state, locks, environment) ? record.cache : undefined;
    const request = { plan, root, front: record.front, secrets, workDirectory, ...(cache !== undefined && { cache }) };
    const server = () => ensureServer(state, keys, locks);
    const infrastructure = await prepareInfrastructure({ state, keys, locks }, request, server, report);
    const { pending: _, ...done } = record;
    writeRecord(state, { ...done, ...(former?.pending && { pending: former.pending }) });
    return { ...infrastructure, workDirectory, release };
  } catch (error) {
    release();
    // What was there before is no less there now.
    if (former) writeRecord(state, { ...former, postgres: record.postgres });
    throw error;
  }
}

/** A directory for this process; those of processes that are no more go. */
function makeWorkDirectory(parent: string): string {
  makeDirectory(parent);
  for (const name of readdirSync(parent)) {
    if (!name.startsWith('tool-')) continue;
    const owner = readJson<{ pid: number; started: string }>(join(parent, name, 'owner.json'), { pid: 'number' });
    if (!owner || !isAlive(owner)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const directory = join(parent, `tool-${randomUUID()}`);
  makeDirectory(directory);
  writeJson(join(directory, 'owner.json'), identify(process.pid));
  return directory;
}
