import { execFile } from 'node:child_process';
import { lstat, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { isMissing } from '../files.ts';
import { type NamedPath, namedPaths } from './named-paths.ts';
import { type ImageRoots, imagePathOf } from './places.ts';

/**
 * What an application reads while it runs, such as templates and schemas: files and directories that its code names by paths, as seen from
 * the application's directory, which is also where it runs, or from the module's own.
 */
export interface ReadOptions extends ImageRoots {
  /** Relative to the root: what goes into images otherwise, such as migrations, and does not for being mentioned alone. */
  elsewhere: readonly string[];
}

/** Of what the sources of a process name, the files and directories that are there, without code: relative to the root, each once. */
export async function readByCode(options: ReadOptions, sources: readonly string[]): Promise<string[]> {
  const modules = sources.filter((source) => /\.[cm]?[jt]sx?$/.test(source));
  const named = (await Promise.all(modules.map((module) => namedIn(options.root, module)))).flat();
  const distinct = [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
  const there = await Promise.all(distinct.map((one) => isRead(options, sources, one)));
  const found = distinct.filter((_, index) => there[index]);
  const meant = new Set(found.filter(({ mentioned }) => !mentioned).map(({ path }) => path));
  const mentioned = [...new Set(found.map(({ path }) => path))].filter((path) => !meant.has(path));
  const ignored = await ignoredByGit(options.root, mentioned);
  return [...meant, ...mentioned.filter((path) => !ignored.has(path))].sort();
}

type Found = Pick<NamedPath, 'path' | 'directory' | 'mentioned'>;

async function namedIn(root: string, module: string): Promise<Found[]> {
  return namedPaths(await readFile(join(root, module), 'utf8')).map(({ from, path, ...rest }) => ({
    ...rest,
    path: from === 'module' ? posix.join(posix.dirname(module), path) : path,
  }));
}

async function isRead(
  { root, workspace, elsewhere }: ReadOptions,
  sources: readonly string[],
  { path, directory, mentioned }: Found,
): Promise<boolean> {
  if (!isAllowed(path) || imagePathOf(join(root, path), { root, workspace }) === undefined) return false;
  if (mentioned && elsewhere.some((one) => overlap(one, path))) return false;
  try {
    const entry = await lstat(join(root, path));
    if (entry.isFile()) return !/\.[cm]?tsx?$/.test(path) && !(mentioned && sources.includes(path));
    if (!entry.isDirectory() || !directory) return false;
    return !sources.some((source) => source.startsWith(`${path}/`));
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/** None of what is hidden, installed or generated, and no place itself. */
function isAllowed(path: string): boolean {
  if (path.length > 1024 || path.includes('\0') || path.startsWith('/') || /^[A-Za-z]:/.test(path)) return false;
  const names = path.replace(/^(?:\.\.\/)+/, '').split('/');
  return (
    !names.some((name) => name === '' || name.startsWith('.') || name === 'node_modules') && names[0] !== 'encore.gen'
  );
}

function overlap(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/**
 * Those of the paths that git is told to ignore, such as what somebody uploaded here: other checkouts do not have them. None where git
 * cannot say.
 */
function ignoredByGit(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return Promise.resolve(new Set());
  return new Promise((resolve) => {
    const git = execFile(
      'git',
      ['-c', 'core.fsmonitor=false', 'check-ignore', '--stdin', '-z'],
      { cwd: root, env: withoutGit(process.env) },
      // Also when none is ignored it fails.
      (_, stdout) => resolve(new Set(stdout.split('\0').filter((path) => path !== ''))),
    );
    // Where there is no git, nobody reads.
    git.stdin?.on('error', () => {});
    git.stdin?.end(paths.join('\0'));
  });
}

/** Within a git hook the environment names another repository's parts; the directory alone decides here. */
function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
}
