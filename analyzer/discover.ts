import { basename, join } from 'node:path';
import { ts } from '@ts-morph/common';
import { applicationName, readConfigText } from './application-name.ts';
import { derivedDirectories } from './derived.ts';
import { UserError } from './diagnostic.ts';
import { Disk } from './disk.ts';
import type { Entry } from './disk-answers.ts';
import { namePackage } from './enclosing-package.ts';
import { parseEncoreApp } from './encore-app.ts';
import type { AppSettings } from './graph.ts';
import { compare, type Report } from './report.ts';

/** What is on the disk: the application's name, its settings and its source files. */
export interface Application {
  root: string;
  name: string;
  /** Of `encore.app`. */
  settings: AppSettings;
  /** Absolute paths, sorted. What they import belongs to the program as well. */
  files: string[];
  /** Those of declarations, sorted: nothing has to import them to mean something. */
  declarations: string[];
  /** How everything of the application is read. */
  disk: Disk;
}

const sources = /\.(ts|mts|tsx)$/;
const tests = /\.(test|spec)\.(ts|mts|tsx)$/;
const declarations = /\.d\.(ts|mts|cts|[^/.]+\.ts)$/;
/** Sources, but of tests alone. */
const testDirectory = '__tests__';

/** Files of which one makes a directory the root of an application. */
const applicationFiles = ['encore.app', 'fairlead.json'];
/** Files of which one makes a directory a package, or a web page that is built by itself. */
const packageFile = /^(package\.json|angular\.json|(vite|next|svelte|nuxt|astro)\.config\.(js|ts|mjs|mts|cjs|cts))$/;

/** Finds the application in `root`; undefined, and a report, when there is none. */
export function discover(root: string, report: Report, disk: Disk = new Disk(root)): Application | undefined {
  if (!disk.directoryExists(root)) {
    report.error('FL1001', undefined, `${root} is not a directory`, 'Name the directory of an application.');
    return undefined;
  }
  if (!disk.fileExists(join(root, 'package.json'))) {
    report.error(
      'FL1001',
      undefined,
      `${root} is not an application: it has no package.json`,
      namePackage(root, (path) => disk.fileExists(path)),
    );
    return undefined;
  }
  const found = new Walk(disk, report).filesOf(root).sort(compare);
  return {
    root,
    name: nameOf(root, report, disk),
    settings: settingsOf(root, report, disk),
    files: found.filter((path) => !declarations.test(path)),
    declarations: found.filter((path) => declarations.test(path)),
    disk,
  };
}

function nameOf(root: string, report: Report, disk: Disk): string {
  return reporting(report, () => applicationName(root, disk)) ?? basename(root);
}

function settingsOf(root: string, report: Report, disk: Disk): AppSettings {
  const app = reporting(report, () => {
    const text = readConfigText('encore.app', root, disk);
    return text === undefined ? undefined : parseEncoreApp(text);
  });
  for (const { severity, code, position, message, help } of app?.diagnostics ?? []) {
    report[severity](code, position, message, help);
  }
  return app?.settings ?? {};
}

/** What `read` gives; undefined, and a report, when the user has to mend something first. */
function reporting<T>(report: Report, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const { code, position, message, help } of error.diagnostics) report.error(code, position, message, help);
    return undefined;
  }
}

/** Collects the sources and declarations below a directory. */
class Walk {
  readonly #disk: Disk;
  readonly #report: Report;

  constructor(disk: Disk, report: Report) {
    this.#disk = disk;
    this.#report = report;
  }

  /** Of one package, and of those below it that are part of the application. */
  filesOf(directory: string): string[] {
    const packages: string[] = [];
    const own = this.#walk(directory, packages);
    return [...own, ...packages.flatMap((nested) => this.#filesOfNested(nested))];
  }

  /** A package below the application is part of it when it imports what only applications have. Others are libraries and frontends. */
  #filesOfNested(directory: string): string[] {
    const packages: string[] = [];
    const own = this.#walk(directory, packages);
    const below = packages.flatMap((nested) => this.#filesOfNested(nested));
    return own.some((path) => importsEncore(readText(path, this.#disk, this.#report) ?? ''))
      ? [...own, ...below]
      : below;
  }

  /** The sources of the package in `directory`; the directories of packages in it are added to `packages`. */
  #walk(directory: string, packages: string[]): string[] {
    return this.#list(directory).flatMap(({ name, kind }) => {
      const path = join(directory, name);
      if (name.startsWith('.')) return [];
      if (kind === 'file') return (sources.test(name) && !tests.test(name)) || declarations.test(name) ? [path] : [];
      if (kind !== 'directory' || derivedDirectories.has(name) || name === testDirectory) return [];
      return this.#enter(path, packages);
    });
  }

  #enter(directory: string, packages: string[]): string[] {
    const files = this.#list(directory).filter(({ kind }) => kind !== 'directory');
    if (files.some(({ name }) => applicationFiles.includes(name))) return [];
    if (files.some(({ name }) => packageFile.test(name)) || this.#isPage(directory, files)) {
      packages.push(directory);
      return [];
    }
    return this.#walk(directory, packages);
  }

  /** A web page without a configuration of its own: `index.html`, and components. */
  #isPage(directory: string, files: readonly Entry[]): boolean {
    return files.some(({ name }) => name === 'index.html') && this.#holdsComponents(directory);
  }

  #holdsComponents(directory: string): boolean {
    return this.#list(directory).some(({ name, kind }) => {
      if (kind === 'file') return name.endsWith('.tsx');
      return kind === 'directory' && !derivedDirectories.has(name) && this.#holdsComponents(join(directory, name));
    });
  }

  /** Empty, and a report, when the directory cannot be read. */
  #list(directory: string): readonly Entry[] {
    try {
      return this.#disk.list(directory) ?? [];
    } catch (error) {
      unreadable(directory, error, this.#report);
      return [];
    }
  }
}

const encoreSpecifier = /^(encore\.dev|~encore)(\/|$)/;
/** Finds nearly all that have no such import, and has to find all that have. */
const mayImportEncore = /['"`](encore\.dev|~encore)[/'"`]/;

/** Whether a module imports or exports something of `encore.dev` or `~encore`; mentions in comments and strings do not count. */
export function importsEncore(text: string): boolean {
  if (!mayImportEncore.test(text)) return false;
  return ts.preProcessFile(text, true, true).importedFiles.some(({ fileName }) => encoreSpecifier.test(fileName));
}

/** The text of a file; undefined, and a report, when it cannot be read. */
export function readText(path: string, disk: Disk, report: Report): string | undefined {
  try {
    const text = disk.read(path);
    if (text === undefined) unreadable(path, new Error('it is not there'), report);
    return text;
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
