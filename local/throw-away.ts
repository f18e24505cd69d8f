import { accessSync, chmodSync, constants, lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan, Reporter } from '../pipeline/mod.ts';
import { type Infrastructure, prepareInfrastructure } from './infrastructure.ts';
import { openKeys } from './keys.ts';
import { Locks } from './lock.ts';
import { ensureServer, removeServer } from './postgres/server.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { createSecretStore } from './secrets.ts';
import { openState, pathsOf, readJson, stateError, writeJson } from './state.ts';

/** In memory, on Linux. */
const memory = '/dev/shm';

/** Bytes that an empty server takes many times over. Containers often have 64 MiB there. */
const enough = 512 * 1024 * 1024;

const prefix = 'fairlead-test-';

export interface ThrowAwayRequest {
  /** Where this machine keeps the values of secrets. */
  stateDirectory: string;
  plan: Plan;
  /** The application's directory. */
  root: string;
  /** Values of secrets that win over stored ones. */
  localSecrets: Record<string, string>;
}

export interface ThrowAway extends Infrastructure {
  /** For files of this process, until `remove`. */
  workDirectory: string;
  /** Ends the server and removes everything. */
  remove(): Promise<void>;
}

/**
 * Infrastructure of its own for this process: a server that no environment uses and whose data is in memory where the system has
 * a place for that. What a process left that was killed before it could remove its own is removed first.
 */
export async function makeThrowAway(
  { stateDirectory, plan, root, localSecrets }: ThrowAwayRequest,
  report: Reporter,
): Promise<ThrowAway> {
  await sweep();
  const directory = makeDirectory();
  const remove = () => removeThrowAway(directory);
  try {
    const state = openState(directory);
    const [keys, locks] = [openKeys(state), new Locks(directory)];
    const names = plan.secrets.map(({ name }) => name);
    const secrets = await createSecretStore(stateDirectory, localSecrets).values(plan.environment, names);
    const request = { plan, root, front: 0, secrets, workDirectory: directory };
    const server = () => ensureServer(state, keys, locks, { throwAway: true });
    const infrastructure = await prepareInfrastructure({ state, keys, locks }, request, server, report);
    return { ...infrastructure, workDirectory: directory, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function makeDirectory(): string {
  const parent = isRoomy(memory) ? memory : tmpdir();
  try {
    const directory = mkdtempSync(join(parent, prefix));
    // As root, PostgreSQL runs as another user, who has to pass through.
    if (process.getuid?.() === 0) chmodSync(directory, 0o711);
    writeJson(ownerOf(directory), identify(process.pid));
    return directory;
  } catch (error) {
    throw stateError(error, parent);
  }
}

function isRoomy(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= enough;
  } catch {
    return false;
  }
}

/** Removes what this user's processes left that are no more. */
async function sweep(): Promise<void> {
  for (const parent of [memory, tmpdir()]) {
    for (const name of namesIn(parent)) {
      const directory = join(parent, name);
      if (name.startsWith(prefix) && isLeft(directory)) await removeThrowAway(directory);
    }
  }
}

/** A directory without an owner is one that is just being made, or whose maker was killed at that very moment. */
function isLeft(directory: string): boolean {
  const { uid, mtimeMs } = lstatSync(directory, { throwIfNoEntry: false }) ?? {};
  if (uid === undefined || uid !== process.getuid?.()) return false;
  const owner = readJson<ProcessIdentity>(ownerOf(directory), { pid: 'number', started: 'string' });
  return owner ? !isAlive(owner) : Date.now() - (mtimeMs ?? 0) > 60_000;
}

async function removeThrowAway(directory: string): Promise<void> {
  await removeServer(pathsOf(directory), new Locks(directory), () => false);
  rmSync(directory, { recursive: true, force: true });
}

function ownerOf(directory: string): string {
  return join(directory, 'owner.json');
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
