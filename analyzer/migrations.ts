import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { ts } from '@ts-morph/common';
import { derivedDirectories } from './derived.ts';
import type { Position } from './diagnostic.ts';
import type { Database, MigrationFile, MigrationLayout } from './graph.ts';
import { safetyOf } from './migration-safety.ts';
import { compare, type Report } from './report.ts';
import { contains } from './services.ts';

type Migrations = NonNullable<Database['migrations']>;

interface Layout {
  /** Each migration is a directory that holds `migration.sql`. */
  directories: boolean;
  /** Version and name. */
  pattern: RegExp;
  /** Files that belong to the layout but are no forward migrations. */
  ignored?: RegExp;
  example: string;
}

const layouts: Record<string, Layout> = {
  default: {
    directories: false,
    pattern: /^(\d+)_([^.]+)\.up\.sql$/,
    ignored: /^(\d+)_([^.]+)\.down\.sql$/,
    example: '1_create_orders.up.sql',
  },
  drizzle: { directories: false, pattern: /^(\d+)_([^.]+)\.sql$/, example: '0000_create_orders.sql' },
  'drizzle/v1': {
    directories: true,
    pattern: /^(\d+)_([^.]+)$/,
    example: '20250101000000_create_orders/migration.sql',
  },
  prisma: { directories: true, pattern: /^(\d+)_([^.]+)$/, example: '20250101000000_create_orders/migration.sql' },
};

/** Reads the forward migrations of a directory in their order, and judges each. Everything wrong with them is reported. */
export async function readMigrations(
  directory: string,
  source: string,
  nodes: { at: ts.Node; source: ts.Node },
  { root, report }: { root: string; report: Report },
): Promise<Migrations | undefined> {
  const layout = Object.hasOwn(layouts, source) ? layouts[source] : undefined;
  if (!layout) {
    report.error(
      'FL1406',
      nodes.source,
      `the source of the migrations, "${source}", is unknown`,
      'Write "prisma", "drizzle" or "drizzle/v1", or leave it out.',
    );
    return undefined;
  }
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    report.error(
      'FL1401',
      nodes.at,
      `there is no directory ${report.relative(directory)}`,
      'Create it, or correct the path: it is relative to this file.',
    );
    return undefined;
  }
  if (!isWithin(root, directory, nodes.at, report)) return undefined;
  const files: MigrationFile[] = [];
  for (const { version, name, path } of find(directory, layout, report)) {
    const file = report.relative(path);
    const first = files.find((other) => other.version === version);
    if (first) {
      report.error(
        'FL1403',
        { file, line: 1, column: 1 },
        `version ${version} is also the version of ${first.file}`,
        'Give every migration a number of its own.',
        [{ message: 'the first one', position: { file: first.file, line: 1, column: 1 } }],
      );
      continue;
    }
    if (!isWithin(root, path, { file, line: 1, column: 1 }, report)) continue;
    const bytes = read(path, report);
    if (!bytes) continue;
    const hash = createHash('sha256').update(bytes).digest('hex');
    files.push({ version, name, file, hash, statements: await safetyOf(bytes.toString('utf8'), file, report) });
  }
  return { directory: report.relative(directory), layout: source as MigrationLayout, files };
}

/** Whether links lead to one of the application's own files: others are not part of its sources. What is not there passes. */
function isWithin(root: string, path: string, at: ts.Node | Position, report: Report): boolean {
  if (!statSync(path, { throwIfNoEntry: false })) return true;
  const [top, real] = [realpathSync(root), realpathSync(path)];
  if (
    contains(top, real) &&
    !relative(top, real)
      .split(sep)
      .some((part) => derivedDirectories.has(part))
  )
    return true;
  report.error(
    'FL1407',
    at,
    `${report.relative(path)} is a link to what is not part of the application`,
    'Put the migrations themselves there.',
  );
  return false;
}

function find(directory: string, layout: Layout, report: Report): { version: number; name: string; path: string }[] {
  const found = readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => compare(a.name, b.name))
    .flatMap((entry) => {
      const candidate = layout.directories ? entry.isDirectory() : entry.name.endsWith('.sql');
      if (!candidate || layout.ignored?.test(entry.name)) return [];
      const [, version, name] = layout.pattern.exec(entry.name) ?? [];
      const path = join(directory, entry.name);
      if (version === undefined || name === undefined || !Number.isSafeInteger(Number(version))) {
        const file = report.relative(path);
        report.error(
          'FL1402',
          { file, line: 1, column: 1 },
          `${file} is not named like a migration`,
          `Name it like ${layout.example}.`,
        );
        return [];
      }
      return [{ version: Number(version), name, path: layout.directories ? join(path, 'migration.sql') : path }];
    });
  return found.sort((a, b) => a.version - b.version || compare(a.name, b.name));
}

function read(path: string, report: Report): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const file = report.relative(path);
    report.error(
      'FL1002',
      { file, line: 1, column: 1 },
      `${file} cannot be read: ${(error as Error).message}`,
      'Let the current user read it.',
    );
    return undefined;
  }
}
