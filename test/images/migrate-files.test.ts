import { expect, test } from '@jest/globals';
import type { MigrationStatement } from '../../analyzer/graph.ts';
import { createMigrateFiles } from '../../images/migrate-files.ts';
import type { Migrations } from '../../runtime/wire.ts';
import { database, position } from '../support/graph.ts';
import { directory, graph } from './sample.ts';

const layer = { files: [], modules: new Map(), packages: [] };

/** The files for a database `orders`; answers its list and, per version, the SQL it applies. */
async function filesOf(files: Record<string, string>, statements: MigrationStatement[] = []) {
  await using root = await directory(files);
  const migrations = Object.keys(files).map((file, index) => ({
    version: index + 1,
    name: `n${index + 1}`,
    file,
    hash: `hash ${index + 1}`,
    statements,
  }));
  const databases = [database('orders', 'm', migrations)];
  const made = await createMigrateFiles(root.path, graph({ databases }), layer);
  const text = (path: string) => made?.find((file) => file.path === path)?.bytes.toString() ?? '';
  const list = (JSON.parse(text('migrations.json')) as Migrations).databases.orders ?? [];
  return { list, sql: list.map((entry) => text(entry.sql)) };
}

test('migrations that are directories keep their files apart', async () => {
  const { sql } = await filesOf({
    'm/1_a/migration.sql': 'CREATE TABLE a ()',
    'm/2_b/migration.sql': 'CREATE TABLE b ()',
  });
  expect(sql).toEqual(['CREATE TABLE a ()', 'CREATE TABLE b ()']);
});

test('tells each migration by its hash, and says what it breaks', async () => {
  const { list } = await filesOf({ 'm/1_a.up.sql': '' }, [
    { safety: 'destructive', reason: 'drops a', position },
    { safety: 'locking', reason: 'scans c', position },
    { safety: 'destructive', reason: 'drops b', position },
  ]);
  expect(list).toMatchObject([{ version: 1, file: 'm/1_a.up.sql', hash: 'hash 1', breaks: 'drops a; drops b' }]);
});
