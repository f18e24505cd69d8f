import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Disk } from '../../analyzer/disk.ts';
import { changedFiles, unchanged } from '../../analyzer/disk-trace.ts';
import { readMigrations } from '../../analyzer/migrations.ts';
import { Report } from '../../analyzer/report.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairlead-migrations-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    const path = join(root, 'sql', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function read(files: string[] | Record<string, string>, source = 'default') {
  write(Array.isArray(files) ? Object.fromEntries(files.map((file) => [file, ''])) : files);
  const report = new Report(root);
  const disk = new Disk(root);
  const at = { file: 'db.ts', line: 1, column: 1 };
  const migrations = await readMigrations(join(root, 'sql'), source, { at, source: at }, { root, report, disk });
  const diagnostics = report
    .diagnostics()
    .map(({ code, severity, message, position }) => `${severity} ${code} ${position?.file}: ${message}`);
  return { migrations, diagnostics, trace: disk.trace() };
}

describe('order', () => {
  test.each<[string, string[], string[]]>([
    ['default', ['10_c.up.sql', '9_b.up.sql', '8_a.up.sql', '8_a.down.sql', 'README.md'], ['8 a', '9 b', '10 c']],
    ['drizzle', ['0001_b.sql', '0000_a.sql', 'meta/_journal.json'], ['0 a', '1 b']],
    [
      'prisma',
      ['20250202000000_b/migration.sql', '20250101000000_a/migration.sql', 'migration_lock.toml'],
      ['20250101000000 a', '20250202000000 b'],
    ],
    ['drizzle/v1', ['20250101000000_a/migration.sql', '20250101000000_a/snapshot.json'], ['20250101000000 a']],
  ])('%s: %j', async (source, files, expected) => {
    const { migrations } = await read(files, source);
    expect(migrations?.layout).toBe(source);
    expect(migrations?.directory).toBe('sql');
    expect(migrations?.files.map(({ version, name }) => `${version} ${name}`)).toEqual(expected);
  });
});

test('a file is given with the hash of its bytes and what its statements do', async () => {
  const text = '\uFEFFCREATE TABLE t (a int);\nDROP TABLE u;\n';
  const { migrations, diagnostics } = await read({ '1_a.up.sql': text });
  expect(diagnostics).toEqual([]);
  expect(migrations?.files).toEqual([
    {
      version: 1,
      name: 'a',
      file: 'sql/1_a.up.sql',
      hash: createHash('sha256').update(text).digest('hex'),
      statements: [
        {
          safety: 'additive',
          reason: 'creates the table `t`',
          position: { file: 'sql/1_a.up.sql', line: 1, column: 1 },
        },
        {
          safety: 'destructive',
          reason: 'drops the table `u`',
          position: { file: 'sql/1_a.up.sql', line: 2, column: 1 },
        },
      ],
    },
  ]);
});

describe('a gap is worth a warning', () => {
  test.each<[string, string[], string[]]>([
    ['default', ['1_a.up.sql', '2_b.up.sql'], []],
    ['default', ['0_a.up.sql', '1_b.up.sql'], []],
    [
      'default',
      ['1_a.up.sql', '3_c.up.sql'],
      ['warning FL1410 sql/3_c.up.sql: version 2 is missing before this migration'],
    ],
    [
      'default',
      ['3_a.up.sql', '4_b.up.sql', '8_c.up.sql'],
      [
        'warning FL1410 sql/3_a.up.sql: versions 1 to 2 are missing before this migration',
        'warning FL1410 sql/8_c.up.sql: versions 5 to 7 are missing before this migration',
      ],
    ],
    ['default', ['20250101_a.up.sql', '20250309_b.up.sql', '20250309120000_c.up.sql'], []],
    ['drizzle', ['0000_a.sql', '0001_b.sql'], []],
    ['drizzle', ['0001_a.sql'], ['warning FL1410 sql/0001_a.sql: version 0 is missing before this migration']],
    ['prisma', ['3_a/migration.sql', '9_b/migration.sql'], []],
    ['drizzle/v1', ['3_a/migration.sql', '9_b/migration.sql'], []],
  ])('%s %j', async (source, files, expected) => {
    expect((await read(files, source)).diagnostics).toEqual(expected);
  });
});

describe('an error is', () => {
  test.each<[string, string, string[], string]>([
    [
      'two of one version',
      'default',
      ['1_b.up.sql', '01_a.up.sql', '2_c.up.sql'],
      'FL1403 sql/1_b.up.sql: version 1 is also the version of sql/01_a.up.sql',
    ],
    [
      'two directories of one version',
      'prisma',
      ['1_b/migration.sql', '1_a/migration.sql'],
      'FL1403 sql/1_b/migration.sql: version 1 is also the version of sql/1_a/migration.sql',
    ],
    ['another name', 'default', ['1_a.sql'], 'FL1402 sql/1_a.sql: sql/1_a.sql is not named like a migration'],
    [
      'a number too high to count',
      'default',
      ['99999999999999999_a.up.sql'],
      'FL1402 sql/99999999999999999_a.up.sql: sql/99999999999999999_a.up.sql is not named like a migration',
    ],
    [
      'an empty directory',
      'prisma',
      ['1_a/notes.txt'],
      'FL1402 sql/1_a/migration.sql: there is no sql/1_a/migration.sql',
    ],
    ['an unknown source', 'knex', ['1_a.sql'], 'FL1406 db.ts: the source of the migrations, "knex", is unknown'],
    [
      'a source that only looks known',
      'constructor',
      ['1_a.sql'],
      'FL1406 db.ts: the source of the migrations, "constructor", is unknown',
    ],
    ['a directory for a file', 'prisma', [], 'FL1401 db.ts: there is no directory sql'],
  ])('%s', async (_, source, files, expected) => {
    expect((await read(files, source)).diagnostics).toEqual([`error ${expected}`]);
  });
});

test('the trace of the disk tells when migrations change, come or go', async () => {
  const { trace } = await read(['1_a.up.sql']);
  expect(unchanged(trace, root)).toBe(true);
  write({ '1_a.up.sql': 'SELECT 1' });
  expect(changedFiles(trace, root)).toEqual({ files: [join(root, 'sql/1_a.up.sql')], other: false });
  write({ '1_a.up.sql': '', '2_b.up.sql': '' });
  expect(changedFiles(trace, root)).toEqual({ files: [], other: true });
});
