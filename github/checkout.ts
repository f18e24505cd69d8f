import { execFile } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../analyzer/diagnostic.ts';

/** The sources of a commit beside the user's own. */
export interface Checkout {
  /** The application's directory in it, absolute. */
  directory: string;
  /** Full hash. */
  commit: string;
  /** Removes it; also done when the process ends. */
  remove(): void;
}

/**
 * Writes the sources of a revision to a directory, with links to the packages installed for the working tree. Neither the working
 * tree nor anything in `.git` changes.
 * @param directory of the application in the working tree, absolute
 * @param path the directory, which exists and is empty; removed with the checkout
 * @throws UserError FL5016 when there is no repository, no such revision, or the revision lacks the application
 */
export async function checkOut(directory: string, revision: string, path: string): Promise<Checkout> {
  const git = gitIn(directory);
  const top = realpathSync(await git(['rev-parse', '--show-toplevel'], () => noRepository(directory, revision)));
  const commit = await git(commitOf(revision), () => noRevision(revision));
  const within = relative(top, realpathSync(directory));
  const remove = () => rmSync(path, { recursive: true, force: true });
  // A signal may end the process at any time.
  process.once('exit', remove);
  // An application without a name is called after its directory.
  const tree = join(path, 'tree', basename(within === '' ? directory : top) || 'tree');
  const checkout: Checkout = {
    directory: join(tree, within),
    commit,
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
  try {
    await writeTree(top, commit, path, tree);
    if (!isDirectory(checkout.directory)) throw noApplication(revision, within);
    refuseLinks(tree, within, revision);
    linkPackages(top, tree, within);
    return checkout;
  } catch (error) {
    checkout.remove();
    throw error;
  }
}

/** Whether there is something to read: a file, or a pipe as `<(…)` of a shell. */
export function isReadable(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

/** Whether a name is that of a revision, in a directory that may be in no repository. */
export async function isRevision(directory: string, name: string): Promise<boolean> {
  try {
    await gitIn(directory)(commitOf(name), () => noRevision(name));
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function commitOf(revision: string): string[] {
  return ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
}

type Git = (args: string[], refused?: () => UserError, env?: NodeJS.ProcessEnv) => Promise<string>;

function gitIn(directory: string): Git {
  return async (args, refused, env = {}) => {
    try {
      const { stdout } = await promisify(execFile)('git', ['-C', directory, ...args], {
        env: { ...withoutRepository(process.env), ...env },
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout.trimEnd();
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noGit() : (refused?.() ?? error);
    }
  };
}

/** In a hook of git, variables name the repository that the hook runs for, relative to where it runs. */
function withoutRepository(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, GIT_PREFIX: ____, ...rest } = env;
  return rest;
}

/** Through an index of its own, so that the user's stays as it is. Large files that a filter would fetch are left as they are stored. */
async function writeTree(top: string, commit: string, path: string, tree: string): Promise<void> {
  const git = gitIn(top);
  const env = { GIT_INDEX_FILE: join(path, 'index'), GIT_LFS_SKIP_SMUDGE: '1' };
  mkdirSync(tree, { recursive: true });
  await git(['read-tree', commit], undefined, env);
  await git(['checkout-index', '--all', '--quiet', `--prefix=${tree}/`], undefined, env);
  // No tree of git holds one. What looks for the repository's root, as for a workspace, ends here.
  mkdirSync(join(tree, '.git'));
}

/** What a revision has as a link may lead anywhere; sources are read and links are made in the checkout alone. */
function refuseLinks(tree: string, within: string, revision: string): void {
  for (let path = within; path !== '' && path !== '.'; path = dirname(path)) {
    if (lstatSync(join(tree, path)).isSymbolicLink()) throw linkedApplication(revision, path);
  }
}

/** The packages of each directory from the application up to the repository's root. */
function linkPackages(top: string, tree: string, within: string): void {
  for (let path = within; ; path = dirname(path)) {
    const from = join(top, path, 'node_modules');
    const to = join(tree, path, 'node_modules');
    if (isDirectory(from) && lstatSync(to, { throwIfNoEntry: false }) === undefined) link(from, to, top, tree);
    if (path === '' || path === '.') return;
  }
}

/**
 * A directory of links to packages. A package that is itself a link into the repository, as in a workspace, becomes a link to the same
 * place in the checkout.
 */
function link(from: string, to: string, top: string, tree: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name.startsWith('@') && entry.isDirectory()) link(source, target, top, tree);
    else symlinkSync(counterpart(source, entry.isSymbolicLink(), top, tree), target);
  }
}

function counterpart(source: string, isLink: boolean, top: string, tree: string): string {
  if (!isLink) return source;
  const pointed = resolve(dirname(source), readlinkSync(source));
  const path = relative(top, pointed);
  const own = !path.startsWith('..') && !isAbsolute(path) && !path.split(sep).includes('node_modules');
  return own && isDirectory(join(tree, path)) ? join(tree, path) : pointed;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function noGit(): UserError {
  return revisionError('git is not installed, so there are no revisions', 'Install git, or name files with a graph.');
}

function noRepository(directory: string, revision: string): UserError {
  return revisionError(
    `${directory} is in no git repository, so there is no revision ${revision}`,
    'Name the application’s directory with -C, or files that "fairlead graph --format json" wrote.',
  );
}

function noRevision(revision: string): UserError {
  return revisionError(
    `there is no revision ${isReadable(revision) ? revision : `and no file ${revision}`}`,
    isReadable(revision)
      ? `Name a branch, a tag or a commit of the repository. The file is ./${revision}.`
      : 'Name a branch, a tag or a commit of the repository, or a file that "fairlead graph --format json" wrote.',
  );
}

function noApplication(revision: string, within: string): UserError {
  return revisionError(
    `the revision ${revision} has no directory ${within}`,
    'Name a revision in which the application was there already.',
  );
}

function linkedApplication(revision: string, path: string): UserError {
  return revisionError(
    `in the revision ${revision}, ${path} is a link, and its application is not looked for elsewhere`,
    'Name a revision in which it is a directory.',
  );
}

function revisionError(message: string, help: string): UserError {
  return new UserError({ code: 'FL5016', severity: 'error', message, help });
}
