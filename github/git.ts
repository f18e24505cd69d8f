import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What git says in a directory, without the line end; undefined when it refuses. Throws when there is no git. */
export async function git(directory: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', directory, ...args], {
      env: withoutRepository(process.env),
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trimEnd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    return undefined;
  }
}

/** In a hook of git, variables name the repository that the hook runs for. */
function withoutRepository(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, GIT_PREFIX: ____, ...rest } = env;
  return rest;
}

/** A repository on GitHub by its names. */
export interface Slug {
  owner: string;
  name: string;
}

/** The repository that the address of a remote leads to; undefined when that is not on GitHub. */
export function slugOfRemote(address: string): Slug | undefined {
  const found =
    /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?(?:www\.|ssh\.)?github\.com(?::\d+)?\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(
      address,
    ) ?? /^(?:[\w.-]+@)?(?:ssh\.)?github\.com:([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(address);
  return found ? { owner: found[1]!, name: found[2]! } : undefined;
}

/** `owner/name`; undefined when it has another form. */
export function parseSlug(text: string): Slug | undefined {
  const found = /^([\w.-]+)\/([\w.-]+)$/.exec(text);
  return found ? { owner: found[1]!, name: found[2]! } : undefined;
}

/** Where a directory stands in git, as far as this machine knows. */
export interface GitFacts {
  /** The root of the working tree, absolute; absent outside of one. */
  root?: string;
  /** The name of the remote that counts: `origin`, or the only one. */
  remoteName?: string;
  /** Its address. */
  remote?: string;
  slug?: Slug;
  /** Of the remote; absent when it was never asked. */
  defaultBranch?: string;
  /** The branch that is checked out, also before its first commit; absent when it is none. */
  currentBranch?: string;
  /** The branches here, with the current one. */
  localBranches?: readonly string[];
  /** Of the remote, as it was when it was last asked. */
  remoteBranches?: readonly string[];
}

export async function readGit(directory: string): Promise<GitFacts> {
  const root = await git(directory, 'rev-parse', '--show-toplevel');
  if (root === undefined) return {};
  const remotes = (await git(root, 'remote'))?.split('\n').filter(Boolean) ?? [];
  const name = remotes.includes('origin') ? 'origin' : remotes.length === 1 ? remotes[0] : undefined;
  const remote = name && (await git(root, 'remote', 'get-url', name));
  const head = name && (await git(root, 'symbolic-ref', '--quiet', '--short', `refs/remotes/${name}/HEAD`));
  const current = await git(root, 'symbolic-ref', '--quiet', '--short', 'HEAD');
  const local = await branchesIn(root, 'refs/heads/');
  const there = name ? await branchesIn(root, `refs/remotes/${name}/`) : [];
  const slug = remote ? slugOfRemote(remote) : undefined;
  return {
    root,
    ...(name && { remoteName: name }),
    ...(remote && { remote }),
    ...(slug && { slug }),
    ...(head && { defaultBranch: head.slice(`${name}/`.length) }),
    ...(current && { currentBranch: current }),
    localBranches: [...new Set([...local, ...(current ? [current] : [])])],
    remoteBranches: there.filter((branch) => branch !== 'HEAD'),
  };
}

async function branchesIn(root: string, prefix: string): Promise<string[]> {
  const listed = await git(root, 'for-each-ref', '--format=%(refname)', prefix);
  return (listed ?? '')
    .split('\n')
    .filter(Boolean)
    .map((ref) => ref.slice(prefix.length));
}
