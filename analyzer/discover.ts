import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { applicationName } from './application-name.ts';
import { derivedDirectories } from './derived.ts';
import { UserError } from './diagnostic.ts';
import { compare, type Report } from './report.ts';

/** What is on the disk: the application's name and its source files. */
export interface Application {
  root: string;
  name: string;
  /** Absolute paths, sorted. */
  files: string[];
}

const sources = /\.(ts|mts|tsx)$/;
const notSources = /(\.d\.(ts|mts)|\.d\.[^/.]+\.ts|\.(test|spec)\.(ts|mts|tsx))$/;
/** Sources, but of tests alone. */
const testDirectory = '__tests__';

/** Finds the application in `root`; undefined, and a report, when there is none. */
export function discover(root: string, report: Report): Application | undefined {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    report.error('FL1001', undefined, `${root} is not a directory`, 'Name the directory of an application.');
    return undefined;
  }
  if (!statSync(join(root, 'package.json'), { throwIfNoEntry: false })?.isFile()) {
    report.error(
      'FL1001',
      undefined,
      `${root} is not an application: it has no package.json`,
      'Name the directory that holds the package.json of the application.',
    );
    return undefined;
  }
  return { root, name: nameOf(root, report), files: walk(root, report).sort(compare) };
}

function nameOf(root: string, report: Report): string {
  try {
    return applicationName(root);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const { code, position, message, help } of error.diagnostics) report.error(code, position, message, help);
    return basename(root);
  }
}

function walk(directory: string, report: Report): string[] {
  return list(directory, report).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.name.startsWith('.')) return [];
    if (entry.isDirectory()) {
      return derivedDirectories.has(entry.name) || entry.name === testDirectory ? [] : walk(path, report);
    }
    return entry.isFile() && sources.test(entry.name) && !notSources.test(entry.name) ? [path] : [];
  });
}

/** The entries of a directory; empty, and a report, when it cannot be read. */
function list(directory: string, report: Report): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    unreadable(directory, error, report);
    return [];
  }
}

/** The text of a file; undefined, and a report, when it cannot be read. */
export function readText(path: string, report: Report): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    unreadable(path, error, report);
    return undefined;
  }
}

function unreadable(path: string, error: unknown, report: Report): void {
  const file = report.relative(path);
  report.error(
    'FL1002',
    { file, line: 1, column: 1 },
    `${file} cannot be read: ${(error as Error).message}`,
    'Let the current user read it.',
  );
}
