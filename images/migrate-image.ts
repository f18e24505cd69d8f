import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Graph } from '../pipeline/mod.ts';
import type { Migrations } from '../runtime/wire.ts';
import { type Bundle, bundle } from './bundle.ts';
import type { ImageFile } from './files.ts';

const entry = `import { migrate } from 'encore.dev/internal/migrate';\nawait migrate();\n`;

/**
 * The image that brings databases and queues up to a release: `migrate.mjs`, `migrations.json` and the migrations.
 * Undefined when there is nothing to bring up: no database has migrations and there is no topic.
 */
export async function createMigrateImage(root: string, runtime: string, graph: Graph): Promise<Bundle | undefined> {
  const migrations = migrationsOf(graph);
  const all = Object.values(migrations.databases).flat();
  if (all.length === 0 && graph.topics.length === 0) return undefined;
  const [made, sql] = await Promise.all([
    bundle({ root, runtime, name: 'migrate', entry, generated: [] }),
    Promise.all(
      all.map(async ({ file, sql }): Promise<ImageFile> => ({ path: sql, bytes: await readFile(join(root, file)) })),
    ),
  ]);
  if (made.diagnostics) return made;
  const index = { path: 'migrations.json', bytes: Buffer.from(`${JSON.stringify(migrations, null, 2)}\n`) };
  return { files: [...made.files, index, ...sql] };
}

function migrationsOf(graph: Graph): Migrations {
  const databases = graph.databases.flatMap(({ name, migrations }) =>
    migrations === undefined
      ? []
      : [
          [
            name,
            migrations.files.map(({ version, name: title, file }) => ({
              version,
              name: title,
              file,
              sql: `${name}/${basename(file)}`,
            })),
          ] as const,
        ],
  );
  return { databases: Object.fromEntries(databases) };
}
