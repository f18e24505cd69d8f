import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
};

/** A repository as a server has it: bare, with the refs of pull requests. */
export class Origin {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(path: string): Promise<Origin> {
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', path], { env: environment });
    return new Origin(path);
  }

  /** Takes over what a working repository has under a name. Answers the commit. */
  async push(from: string, branch: string, to = `refs/heads/${branch}`): Promise<string> {
    await this.git(['fetch', '--quiet', from, `+refs/heads/${branch}:${to}`]);
    return this.git(['rev-parse', to]);
  }

  /**
   * What merging a branch into another would be, as GitHub keeps it for a pull request; undefined when they conflict.
   * Answers the commit.
   */
  async offerMerge(number: number, head: string, base: string): Promise<string | undefined> {
    await this.git(['update-ref', `refs/pull/${number}/head`, head]);
    const parent = await this.git(['rev-parse', `refs/heads/${base}`]);
    try {
      const tree = await this.git(['merge-tree', '--write-tree', parent, head]);
      const message = `Merge ${head} into ${parent}`;
      const commit = await this.git(['commit-tree', tree, '-p', parent, '-p', head, '-m', message]);
      await this.git(['update-ref', `refs/pull/${number}/merge`, commit]);
      return commit;
    } catch {
      return undefined;
    }
  }

  /** A checkout of a ref in a new directory below `parent`. */
  async checkOut(ref: string, parent: string, url: string): Promise<string> {
    const directory = await realpath(await mkdtemp(join(parent, 'checkout-')));
    const git = (...args: string[]) => run('git', args, { cwd: directory, env: environment });
    await git('init', '--quiet', '--initial-branch=main');
    await git('fetch', '--quiet', this.path, ref);
    await git('checkout', '--quiet', 'FETCH_HEAD');
    await git('remote', 'add', 'origin', url);
    return directory;
  }

  /** The commits of a ref, parents before children. */
  async history(ref: string): Promise<{ sha: string; parents: string[]; message: string }[]> {
    const log = await this.git(['log', '--reverse', '--topo-order', '--format=%H %P%x09%s', ref]);
    return log.split('\n').map((line) => {
      const [hashes = '', message = ''] = line.split('\t');
      const [sha = '', ...parents] = hashes.split(' ').filter((hash) => hash !== '');
      return { sha, parents, message };
    });
  }

  /** The small files of a commit: undefined when there is no such commit. */
  files(commit: string): Record<string, string> | undefined {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: this.path, env: environment, encoding: 'utf8' });
    try {
      const names = ['package.json', 'encore.app', 'fairlead.json'].filter(
        (name) => git('ls-tree', '--name-only', commit, name) !== '',
      );
      return Object.fromEntries(names.map((name) => [name, git('show', `${commit}:${name}`)]));
    } catch {
      return undefined;
    }
  }

  async commit(ref: string): Promise<string> {
    return this.git(['rev-parse', ref]);
  }

  private async git(args: string[]): Promise<string> {
    const { stdout } = await run('git', args, { cwd: this.path, env: environment });
    return stdout.trim();
  }
}
