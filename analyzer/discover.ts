import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ts } from '@ts-morph/common';
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
const skippedDirectories = new Set(['node_modules', 'encore.gen', '__tests__', 'dist']);

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
  const declared =
    stringIn(root, 'encore.app', 'id', report) ||
    stringIn(root, 'fairlead.json', 'name', report) ||
    stringIn(root, 'package.json', 'name', report)?.replace(/^@[^/]*\//, '');
  return declared || basename(root);
}

/** A string of a JSON file that may hold comments; undefined when there is no such file or value. */
function stringIn(root: string, file: string, key: string, report: Report): string | undefined {
  const path = join(root, file);
  const text = readText(path, report, 'optional');
  if (text === undefined) return undefined;
  const { config, error } = ts.parseConfigFileTextToJson(path, text);
  if (error) {
    const source = ts.parseJsonText(path, text);
    report.error(
      'FL1005',
      report.span(source, error.start ?? 0, (error.start ?? 0) + (error.length ?? 0)),
      `${file} is not valid JSON: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`,
      'Correct the file.',
    );
    return undefined;
  }
  const value: unknown = config?.[key];
  return typeof value === 'string' ? value : undefined;
}

function walk(directory: string, report: Report): string[] {
  return list(directory, report).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.name.startsWith('.')) return [];
    if (entry.isDirectory()) return skippedDirectories.has(entry.name) ? [] : walk(path, report);
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

/** The text of a file; undefined, and a report unless it is optional and absent, when it cannot be read. */
export function readText(
  path: string,
  report: Report,
  presence: 'required' | 'optional' = 'required',
): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (presence === 'required' || (error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable(path, error, report);
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
