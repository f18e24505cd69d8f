import { expect, test } from '@jest/globals';
import type { Graph, MigrationFile } from '../../analyzer/mod.ts';
import { type Applied, rewrittenMigrations } from '../../pipeline/migrations.ts';

const file = (version: number, hash = 'as it was'): MigrationFile =>
  ({ version, hash, file: `orders/migrations/${version}_x.up.sql`, statements: [] }) as unknown as MigrationFile;

const graphWith = (...files: MigrationFile[]): Graph =>
  ({
    databases: [{ name: 'orders', position: { file: 'a.ts', line: 1, column: 1 }, migrations: { files } }],
  }) as unknown as Graph;

const applied: Applied = new Map([['orders', [file(1), file(3)]]]);

test.each([
  [
    'changed',
    graphWith(file(1), file(3, 'otherwise')),
    'has been applied and is changed',
    'Put the file back as it was and',
  ],
  ['gone', graphWith(file(1)), 'has been applied and is gone', 'Put the file back. What it did is undone by a new'],
  ['late', graphWith(file(1), file(2), file(3)), 'is older than version 3', 'Give it a higher number than any'],
])('a migration that is %s has a way out of its own', (_, graph, message, help) => {
  const found = rewrittenMigrations(graph, applied, 'production');
  expect(found).toEqual([
    expect.objectContaining({ message: expect.stringContaining(message), help: expect.stringContaining(help) }),
  ]);
});

test('on a developer’s machine the help names the database that may begin anew, and what tries again', () => {
  const helps = (type: 'local' | 'production') =>
    rewrittenMigrations(graphWith(file(1)), applied, type).map(({ help }) => help);
  expect(helps('local')).toEqual([
    expect.stringMatching(/`fairlead db reset orders`, and save a source for `fairlead run` to try again\.$/),
  ]);
  expect(helps('production')).toEqual([expect.not.stringContaining('db reset')]);
});
