import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createMigrateFiles } from '../images/migrate-files.ts';
import type { Outcome, Plan, Reporter } from '../pipeline/mod.ts';
import type { InfraConfig } from '../runtime/wire.ts';
import type { Machine } from './apply.ts';
import { bucketsDirectory } from './buckets.ts';
import { type Layout, layOut, needsPostgres } from './layout.ts';
import { runMigrations } from './migrate.ts';
import { ensureDatabases } from './postgres/databases.ts';
import type { Server } from './postgres/server.ts';
import { makeDirectory } from './state.ts';

/** What a program needs to work with an environment's infrastructure as a process of the application would. Holds secrets. */
export interface Infrastructure {
  /** Free of secrets: they are in `env`. */
  config: InfraConfig;
  env: Record<string, string>;
  migrations: Outcome['migrations'];
}

export interface InfrastructureRequest {
  plan: Plan;
  /** The application's directory. */
  root: string;
  /** The port of the environment's front door, whether anything answers there or not. */
  front: number;
  /** The port of its caches. @default each process has caches of its own, in memory */
  cache?: number;
  /** The values of the plan's secrets; one that is missing here is not set. */
  secrets: Record<string, string>;
  /** Exists, and may be written to. */
  workDirectory: string;
}

/** The module of the runtime that migrates. */
const migrateModule = new URL('../runtime/dist/internal/migrate.js', import.meta.url).href;

/**
 * Brings databases and queues to what the sources want, and adds nothing else: whatever runs goes on. The program works with them
 * as their owner, who may do what a process may, and change the schema.
 */
export async function prepareInfrastructure(
  { state, keys, locks }: Pick<Machine, 'state' | 'keys' | 'locks'>,
  { plan, root, front, cache, secrets, workDirectory }: InfrastructureRequest,
  ensureServer: () => Promise<Server>,
  report: Reporter,
): Promise<Infrastructure> {
  const { environment } = plan;
  const server = needsPostgres(plan) ? await report.step('Start PostgreSQL', ensureServer) : undefined;
  const addresses = {
    front,
    doors: {},
    buckets: bucketsDirectory(state, environment),
    ...(server && { postgres: server.port }),
    ...(cache !== undefined && { cache }),
  };
  const layout = layOut(plan, addresses, keys, secrets);
  const migrations =
    server &&
    (await report.step('Prepare databases', async () => {
      // The roles of processes are of no concern here: they may be others in the release that runs.
      const database = layout.database && { ...layout.database, roles: [] };
      if (database) await locks.hold('postgres-catalog', () => ensureDatabases(server, environment, database));
      return migrate(plan, layout, root, workDirectory);
    }));
  return { ...asOwner(layout, plan, secrets), migrations: migrations ?? [] };
}

/** With the sources' own migrations, laid out as in an image. */
async function migrate(
  plan: Plan,
  { migrate }: Layout,
  root: string,
  workDirectory: string,
): Promise<Outcome['migrations']> {
  const { graph } = plan.release.content;
  const layer = { modules: new Map([['encore.dev/internal/migrate', `export{migrate}from'${migrateModule}';\n`]]) };
  const files = await createMigrateFiles(realpathSync(root), graph, layer);
  if (!files || !migrate) return [];
  const directory = join(workDirectory, 'migrate');
  try {
    for (const { path, bytes } of files) {
      makeDirectory(dirname(join(directory, path)));
      writeFileSync(join(directory, path), bytes);
    }
    mkdirSync(join(directory, 'run'));
    return await runMigrations(migrate, directory, join(directory, 'run'), plan.environment);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The configuration of the one process that has all services, with the owner of databases and queues in place of its role. */
function asOwner(
  { processes: [process], migrate }: Layout,
  { environment }: Plan,
  secrets: Record<string, string>,
): Pick<Infrastructure, 'config' | 'env'> {
  if (!process) throw new Error(`the plan of ${environment.application} has no process`);
  const { service_discovery: _, secrets: named = {}, sql_servers: _used, fairlead, ...config } = process.config;
  const { release: _release, ...extension } = fairlead ?? { version: 1 };
  const servers = migrate?.config.sql_servers?.filter(({ databases }) => Object.keys(databases).length > 0) ?? [];
  return {
    config: {
      ...config,
      ...(servers.length > 0 && { sql_servers: servers }),
      secrets: Object.fromEntries(Object.entries(named).filter(([name]) => Object.hasOwn(secrets, name))),
      fairlead: { ...extension, ...migrate?.config.fairlead },
    },
    env: { ...process.env, ...migrate?.env },
  };
}
