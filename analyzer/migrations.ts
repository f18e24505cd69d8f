import { createHash } from 'node:crypto';
import { join, relative, sep } from 'node:path';
import type { ts } from '@ts-morph/common';
import { derivedDirectories } from './derived.ts';
import type { Position } from './diagnostic.ts';
import { Disk } from './disk.ts';
import type { Database, MigrationFile, MigrationLayout } from './graph.ts';
import { safetyOf } from './migration-safety.ts';
import { compare, type Report } from './report.ts';
import { contains } from './services.ts';
import { Schema } from './sql/safety/schema.ts';

type Migrations = NonNullable<Database['migrations']>;

interface Layout {
  /** Each migration is a directory that holds `migration.sql`. */
  directories: boolean;
  /** Version and name. */
  pattern: RegExp;
  /** Files that belong to the layout but are no forward migrations. */
  ignored?: RegExp;
  /** What numbering starts with, where it goes up by one; absent where versions are times. */
  first?: number;
  example: string;
}

const layouts: Record<MigrationLayout, Layout> = {
  default: {
    directories: false,
    pattern: /^(\d+)_([^.]+)\.up\.sql$/,
    ignored: /^(\d+)_([^.]+)\.down\.sql$/,
    first: 1,
    example: '1_create_orders.up.sql',
  },
  drizzle: {
    directories: false,
    pattern: /^(\d+)_([^.]+)\.sql$/,
    first: 0,
    example: '0000_create_orders.sql',
  },
  'drizzle/v1': {
    directories: true,
    pattern: /^(\d+)_([^.]+)$/,
    example: '20250101000000_create_orders/migration.sql',
  },
  prisma: { directories: true, pattern: /^(\d+)_([^.]+)$/, example: '20250101000000_create_orders/migration.sql' },
};

/** Reads the forward migrations of a directory in their order, and judges each statement. Everything wrong with them is reported. */
export async function readMigrations(
  directory: string,
  source: string,
  nodes: { at: ts.Node | Position; source: ts.Node | Position },
  { root, report, disk = new Disk(root) }: { root: string; report: Report; disk?: Disk },
): Promise<Migrations | undefined> {
  if (!isLayout(source)) {
    report.error(
      'FL1406',
      nodes.source,
      `the source of the migrations, "${source}", is unknown`,
      'Write "prisma", "drizzle" or "drizzle/v1", or leave it out.',
    );
    return undefined;
  }
  const layout = layouts[source];
  if (!disk.directoryExists(directory)) {
    report.error(
      'FL1401',
      nodes.at,
      `there is no directory ${report.relative(directory)}`,
      'Create it, or correct the path: it is relative to this file.',
    );
    return undefined;
  }
  const reading: Reading = { root, report, disk };
  if (!isWithin(directory, nodes.at, reading)) return undefined;
  const found = distinct(find(directory, layout, reading), report);
  warnOfGaps(found, layout, report);
  const files: MigrationFile[] = [];
  const schema = new Schema();
  for (const { version, name, path } of found) {
    const bytes = read(path, reading);
    if (!bytes) continue;
    const file = report.relative(path);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const sql = bytes.toString('utf8').replace(/^\uFEFF/, '');
    files.push({ version, name, file, hash, statements: await safetyOf(sql, file, report, schema) });
  }
  return { directory: report.relative(directory), layout: source, files };
}

interface Reading {
  root: string;
  report: Report;
  disk: Disk;
}

function isLayout(source: string): source is MigrationLayout {
  return Object.hasOwn(layouts, source);
}

/** Whether links lead to one of the application's own files: others are not part of its sources. What is not there passes. */
function isWithin(path: string, at: ts.Node | Position, { root, report, disk }: Reading): boolean {
  if (!disk.fileExists(path) && !disk.directoryExists(path)) return true;
  const [top, real] = [disk.realpath(root), disk.realpath(path)];
  const derived = relative(top, real)
    .split(sep)
    .some((part) => derivedDirectories.has(part));
  if (contains(top, real) && !derived) return true;
  report.error(
    'FL1407',
    at,
    `${report.relative(path)} is a link to what is not part of the application`,
    'Put the migrations themselves there.',
  );
  return false;
}

interface Found {
  version: number;
  name: string;
  path: string;
}

/** What is named like a migration, in order. */
function find(directory: string, layout: Layout, { report, disk }: Reading): Found[] {
  const entries = reporting(directory, report, () => disk.list(directory)) ?? [];
  const found = entries.flatMap(({ name: entry, kind }) => {
    const path = join(directory, entry);
    const isDirectory = kind === 'directory' || (kind === 'link' && disk.directoryExists(path));
    if (layout.directories ? !isDirectory : isDirectory || !entry.endsWith('.sql')) return [];
    if (layout.ignored?.test(entry)) return [];
    const [, version, name] = layout.pattern.exec(entry) ?? [];
    if (version === undefined || name === undefined || !Number.isSafeInteger(Number(version))) {
      const file = report.relative(path);
      report.error('FL1402', startOf(file), `${file} is not named like a migration`, `Name it like ${layout.example}.`);
      return [];
    }
    return [{ version: Number(version), name, path: layout.directories ? join(path, 'migration.sql') : path }];
  });
  return found.sort((a, b) => a.version - b.version || compare(a.name, b.name) || compare(a.path, b.path));
}

/** The first of each version; the others are reported. */
function distinct(found: readonly Found[], report: Report): Found[] {
  const first = new Map<number, Found>();
  for (const migration of found) {
    const { version, path } = migration;
    const other = first.get(version);
    if (!other) {
      first.set(version, migration);
      continue;
    }
    const position = startOf(report.relative(other.path));
    report.error(
      'FL1403',
      startOf(report.relative(path)),
      `version ${version} is also the version of ${position.file}`,
      'Give every migration a number of its own.',
      [{ message: 'the first one', position }],
    );
  }
  return [...first.values()];
}

/** From here on a version is a time, such as 20250101. */
const times = 10_000_000;

/**
 * A number left out may be a file that was forgotten, and cannot be given later: databases would be past it. Nor need it be wrong,
 * as migrations may have been made into one.
 */
function warnOfGaps(found: readonly Found[], { first }: Layout, report: Report): void {
  if (first === undefined) return;
  let next = first;
  for (const { version, path } of found) {
    if (version > next && version < times) {
      const missing = version === next + 1 ? `version ${next} is` : `versions ${next} to ${version - 1} are`;
      report.warning(
        'FL1410',
        startOf(report.relative(path)),
        `${missing} missing before this migration`,
        'Add what was forgotten now: once this one is applied, nothing before it can be.',
      );
    }
    next = version + 1;
  }
}

function read(path: string, reading: Reading): Buffer | undefined {
  const { report, disk } = reading;
  const file = report.relative(path);
  if (!isWithin(path, startOf(file), reading)) return undefined;
  return reporting(path, report, () => {
    const bytes = disk.bytes(path);
    if (bytes) return bytes;
    report.error('FL1402', startOf(file), `there is no ${file}`, 'Put the migration there, or remove its directory.');
    return undefined;
  });
}

function reporting<T>(path: string, report: Report, ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    const file = report.relative(path);
    report.error(
      'FL1002',
      startOf(file),
      `${file} cannot be read: ${(error as Error).message}`,
      'Let the current user read it.',
    );
    return undefined;
  }
}

function startOf(file: string): Position {
  return { file, line: 1, column: 1 };
}
