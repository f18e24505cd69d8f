import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeys } from '../../../local/keys.ts';
import { createLocalTarget } from '../../../local/mod.ts';
import { findServer } from '../../../local/postgres/server.ts';
import { commandLine } from '../../../local/process-identity.ts';
import { openState } from '../../../local/state.ts';
import type { Environment, Target } from '../../../pipeline/mod.ts';
import type { Harness } from '../../conformance/target.ts';
import { planOf, quiet, tinyGraph, until } from '../../conformance/tiny-app.ts';
import { TinyStore } from './tiny-app.ts';

export interface LocalHarness extends Harness {
  target: Target;
  stateDirectory: string;
  store: TinyStore;
}

/** A state directory of its own, and the means to see what really is on this machine. */
export async function makeLocalHarness(): Promise<LocalHarness> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-local-'));
  const stateDirectory = join(root, 'state');
  const store = new TinyStore(join(root, 'images'));
  const target = createLocalTarget({ stateDirectory, images: store });
  // mkdtemp makes it for us alone, but as root the server runs as another user.
  chmodSync(root, 0o711);
  const harness: LocalHarness = {
    target,
    boundTo: (repository) => createLocalTarget({ stateDirectory, images: store, repository }),
    stateDirectory,
    store,
    build: async (app, graph) => store.build(app, graph),
    remains: (environment) => remains(stateDirectory, environment),
    async dispose() {
      for (const { environment } of await target.list()) await target.destroy(environment, quiet);
      await until(() => processesUnder(root).length === 0);
      const left = existsSync(stateDirectory) ? readdirSync(stateDirectory).filter((name) => !kept.includes(name)) : [];
      rmSync(root, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left in the state directory: ${left.join(', ')}`);
    },
  };
  try {
    await anchor(harness);
  } catch (error) {
    await harness.dispose();
    throw error;
  }
  return harness;
}

/** The server goes with the last environment; one that stays spares each test from making it again. */
async function anchor({ target, store }: LocalHarness): Promise<void> {
  const version = { version: 'anchor' };
  const release = store.build(version, { ...tinyGraph(version), secrets: [] });
  await target.apply(planOf(release, { application: 'anchor', name: 'anchor', type: 'development' }), quiet);
}

/** What belongs to the machine and not to any environment. */
const kept = ['version.json', 'master.key', 'locks.db', 'apps', 'store'];

/** The processes that mention the directory in their command line. */
export function processesUnder(directory: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(Number(pid)))
    .filter((command) => command.includes(directory));
}

async function remains(stateDirectory: string, environment: Environment): Promise<string[]> {
  const state = openState(stateDirectory);
  const directory = state.environment(environment);
  const server = await findServer(state, openKeys(state));
  const inDatabase = await server?.connect('fairlead', async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM (
         SELECT datname::text AS name FROM pg_database UNION ALL SELECT rolname::text FROM pg_roles UNION ALL SELECT nspname::text FROM pg_namespace
       ) AS names WHERE name LIKE $1`,
      [`${environment.application}_${environment.name.replaceAll('-', '_')}_%`],
    );
    return rows.map(({ name }) => name);
  });
  return [
    ...(existsSync(directory) ? readdirSync(directory) : []),
    ...processesUnder(`${stateDirectory} ${environment.application} ${environment.name}`),
    ...(inDatabase ?? []),
  ];
}
