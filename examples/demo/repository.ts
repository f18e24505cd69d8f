import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An edit of a file: the whole of a new one, or a passage that must be there and what takes its place. */
export type Edit = { file: string; content: string } | { file: string; find: string; replace: string };

/** A git repository with one application in it, kept apart from the user's own git configuration. */
export class Repository {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /**
   * A new repository whose first commit on `main` is a copy of an application.
   * @param settings what its `fairlead.json` says besides @default nothing
   */
  static async create(root: string, application: string, settings: object = {}): Promise<Repository> {
    await cp(application, root, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
    const repository = new Repository(root);
    await repository.configure(settings);
    await repository.git('init', '--quiet', '--initial-branch=main');
    await repository.commit('Open the shop', []);
    return repository;
  }

  private async configure(settings: object): Promise<void> {
    const path = join(this.root, 'fairlead.json');
    const written = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, `${JSON.stringify({ ...written, ...settings }, null, 2)}\n`);
  }

  /** Makes the edits and commits everything. */
  async commit(message: string, edits: Edit[]): Promise<void> {
    for (const edit of edits) await this.edit(edit);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', `--message=${message}`);
  }

  async branch(name: string): Promise<void> {
    await this.git('switch', '--quiet', '--create', name);
  }

  /** Merges a branch into `main` with a merge commit, as the button on a pull request does. */
  async merge(name: string): Promise<void> {
    await this.git('switch', '--quiet', 'main');
    await this.git('merge', '--quiet', '--no-ff', `--message=Merge ${name}`, name);
  }

  /** Undoes the newest commit of `main`, or the merge that it is, by another one. */
  async revert(): Promise<void> {
    const [, ...parents] = (await this.git('rev-list', '--parents', '--max-count=1', 'HEAD')).split(' ');
    await this.git('revert', '--no-edit', ...(parents.length > 1 ? ['--mainline=1'] : []), 'HEAD');
  }

  /** A clone beside it, as a job on another machine would make one; answers its directory. */
  async clone(): Promise<string> {
    const directory = `${this.root}-clone`;
    await this.git('clone', '--quiet', this.root, directory);
    return directory;
  }

  async head(): Promise<string> {
    return this.git('rev-parse', 'HEAD');
  }

  private async edit(edit: Edit): Promise<void> {
    const path = join(this.root, edit.file);
    if ('content' in edit) {
      await mkdir(dirname(path), { recursive: true });
      return writeFile(path, edit.content);
    }
    const text = await readFile(path, 'utf8');
    if (!text.includes(edit.find)) throw new Error(`${edit.file} does not contain:\n${edit.find}`);
    await writeFile(
      path,
      text.replace(edit.find, () => edit.replace),
    );
  }

  private async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
      cwd: this.root,
      env: { ...withoutGit, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    });
    return stdout.trim();
  }
}

/** Within a git hook these variables name another repository. */
const withoutGit = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
