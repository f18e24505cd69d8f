import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Graph } from '../pipeline/mod.ts';
import type { Migrations } from '../runtime/wire.ts';
import type { ImageFile } from './files.ts';
import type { RuntimeLayer } from './runtime-layer.ts';

/**
 * The image that brings databases and queues up to a release: `migrate.mjs`, `migrations.json` and the migrations.
 * Undefined when there is nothing to bring up: no database has migrations and there is no topic.
 */
export async function createMigrateImage(
  root: string,
  graph: Graph,
  layer: RuntimeLayer,
): Promise<ImageFile[] | undefined> {
  const migrations = migrationsOf(graph);
  const all = Object.values(migrations.databases).flat();
  if (all.length === 0 && graph.topics.length === 0) return undefined;
  const entry = `${layer.modules.get('encore.dev/internal/migrate')}await migrate();\n`.replace(/^export/, 'import');
  return [
    { path: 'migrate.mjs', bytes: Buffer.from(entry) },
    { path: 'migrations.json', bytes: Buffer.from(`${JSON.stringify(migrations, null, 2)}\n`) },
    ...(await Promise.all(all.map(async ({ file, sql }) => ({ path: sql, bytes: await readFile(join(root, file)) })))),
    ...layer.files,
  ];
}

function migrationsOf({ databases }: Graph): Migrations {
  const files = databases.flatMap(({ name, migrations }) =>
    migrations === undefined
      ? []
      : [
          [
            name,
            migrations.files.map(({ version, name: title, file }) => ({
              version,
              name: title,
              file,
              // Not the file's own name, which is the same for all where each migration is a directory.
              sql: `migrations/${name}/${version}.sql`,
            })),
          ],
        ],
  );
  return { databases: Object.fromEntries(files) };
}
