import { expect, test } from '@jest/globals';
import { graphChanges } from '../../pipeline/graph-changes.ts';
import type { Graph, MigrationFile } from '../../pipeline/mod.ts';
import { renderChanges } from '../../pipeline/render-changes.ts';
import * as built from '../support/graph.ts';

const migration = (version: number, hash: string): MigrationFile => ({
  version,
  name: 'create',
  file: `db/${version}_create.up.sql`,
  hash,
  statements: [],
});
const withMigrations = (...files: MigrationFile[]): Graph =>
  built.graph({ databases: [built.database('orders', 'db', files)] });

test('nothing different', () => {
  expect(graphChanges(withMigrations(migration(1, 'a')), withMigrations(migration(1, 'a')))).toEqual([]);
});

test('a removal says where it was', () => {
  const at = { file: 'orders/topic.ts', line: 4, column: 2 };
  expect(graphChanges(built.graph({ topics: [built.topic('created', { position: at })] }), built.graph())).toEqual([
    {
      action: 'remove',
      kind: 'topic',
      subject: 'created',
      sentence: 'topic created is removed',
      danger: 'messages on their way are lost',
      formerPosition: at,
    },
  ]);
});

test('a migration that is new, rewritten, gone', () => {
  const changes = graphChanges(
    withMigrations(migration(1, 'a'), migration(2, 'b')),
    withMigrations(migration(1, 'other'), migration(3, 'c')),
  );
  expect(changes.map(({ action, subject }) => [action, subject])).toEqual([
    ['add', 'orders/3_create'],
    ['change', 'orders/1_create'],
    ['remove', 'orders/2_create'],
  ]);
});

test('no name means anything to Markdown', () => {
  const name = '](x) <b>@all `\n# heading';
  const changes = graphChanges(
    built.graph(),
    built.graph({ secrets: [{ name, position: { ...built.position, file: name } }] }),
  );
  const text = renderChanges({ before: name, after: '`' }, changes);
  expect(text.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(1);
  expect(text.replace(/`[^`]*`|<\/?code>/g, '')).not.toMatch(/[^\\][<\]]/);
});
