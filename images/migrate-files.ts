import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dangerOf, type Graph, type MigrationFile } from '../pipeline/mod.ts';
import type { MigrationEntry, Migrations } from '../runtime/wire.ts';
import type { RuntimeLayer } from './bundle/runtime-layer.ts';
import type { ImageFile } from './files.ts';

/**
 * What brings databases and queues up to a release, to lie beside the runtime: `migrate.mjs`, `migrations.json` and the
 * migrations. Undefined when there is nothing to bring up: no database has migrations and there is no topic.
 */
export async function createMigrateFiles(
  root: string,
  graph: Graph,
  layer: Pick<RuntimeLayer, 'modules'>,
): Promise<ImageFile[] | undefined> {
  const migrations = migrationsOf(graph);
  const all = Object.values(migrations.databases).flat();
  if (all.length === 0 && graph.topics.length === 0) return undefined;
  const entry = `${layer.modules.get('encore.dev/internal/migrate')}await migrate();\n`.replace(/^export/, 'import');
  return [
    { path: 'migrate.mjs', bytes: Buffer.from(entry) },
    { path: 'migrations.json', bytes: Buffer.from(`${JSON.stringify(migrations, null, 2)}\n`) },
    ...(await Promise.all(all.map(async ({ file, sql }) => ({ path: sql, bytes: await readFile(join(root, file)) })))),
  ];
}

function migrationsOf({ databases }: Graph): Migrations {
  const lists = databases.flatMap(({ name, migrations }) =>
    migrations === undefined ? [] : [[name, migrations.files.map((file) => entryOf(name, file))]],
  );
  return { databases: Object.fromEntries(lists) };
}

function entryOf(database: string, migration: MigrationFile): MigrationEntry {
  const { version, name, file, hash } = migration;
  const breaks = dangerOf(migration);
  // Not the file's own name, which is the same for all where each migration is a directory.
  const sql = `migrations/${database}/${version}.sql`;
  return { version, name, file, sql, hash, ...(breaks !== undefined && { breaks }) };
}
