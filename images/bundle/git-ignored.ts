import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ancestors } from '../externals/location.ts';
import { slashes } from './esbuild.ts';

/**
 * Those of the files that git is told to ignore, such as what somebody uploaded here: other checkouts do not have them. None where git
 * cannot say: outside of repositories, and without git. Where it can say but for some of them, as below a submodule that is not checked
 * out, those count as ignored.
 * @param root where the application lies: repositories that are in its own are asked for their files, and the others for them
 * @param files absolute, without symbolic links: git does not look beyond those
 */
export async function ignoredByGit(root: string, files: readonly string[]): Promise<ReadonlySet<string>> {
  const repositoryOf = finder();
  const questions = files.map((file) => questionsFor(file, root, repositoryOf));
  const asked = new Map<string, Set<string>>();
  for (const { repository, path } of questions.flat())
    asked.set(repository, (asked.get(repository) ?? new Set()).add(path));
  const answers = await Promise.all(Array.from(asked, ([repository, paths]) => ignoredIn(repository, [...paths])));
  const ignored = new Set(answers.flat());
  return new Set(files.filter((_, index) => questions[index]!.some(({ path }) => ignored.has(path))));
}

interface Question {
  /** The repository's directory. */
  repository: string;
  path: string;
}

/** Whether the repository ignores the file, and whether the one that it is in ignores it. */
function questionsFor(file: string, root: string, repositoryOf: (path: string) => string | undefined): Question[] {
  const repository = repositoryOf(file);
  if (repository === undefined) return [];
  const isOwn = root === repository || root.startsWith(join(repository, '/'));
  return [{ repository, path: file }, ...(isOwn ? [] : questionsFor(repository, root, repositoryOf))];
}

/** Finds the nearest directory above a path that is a repository's; files beside each other have the same. */
function finder(): (path: string) => string | undefined {
  const known = new Map<string, boolean>();
  const isRepository = (directory: string) => {
    const is = known.get(directory) ?? existsSync(join(directory, '.git'));
    known.set(directory, is);
    return is;
  };
  return (path) => [...ancestors(path)].slice(1).find(isRepository);
}

/** Questions to a repository that cannot answer some of them. */
const mostQuestions = 200;

async function ignoredIn(repository: string, paths: readonly string[]): Promise<string[]> {
  const first = await ask(repository, paths);
  if (first !== 'fatal') return first;
  // It may not be one, or not one of the user's.
  if ((await run(repository, ['rev-parse', '--git-dir'], '')).status !== 0) return [];
  let left = mostQuestions;
  const halves = async (some: readonly string[]): Promise<string[]> => {
    if (some.length <= 1 || left <= 0) return [...some];
    const middle = Math.ceil(some.length / 2);
    return [...(await half(some.slice(0, middle))), ...(await half(some.slice(middle)))];
  };
  const half = async (some: readonly string[]) => {
    left -= 1;
    const answer = await ask(repository, some);
    return answer === 'fatal' ? halves(some) : answer;
  };
  return halves(paths);
}

/** Those that are ignored; `fatal` when one of them was one too many. */
async function ask(repository: string, paths: readonly string[]): Promise<string[] | 'fatal'> {
  // Without `./`, a path that begins with `:` is a pattern.
  const written = paths.map((path) => `./${slashes(relative(repository, path))}`);
  const { status, output } = await run(repository, ['check-ignore', '--stdin', '-z'], written.join('\0'));
  // Without git there is no status.
  if (status === undefined || status === 1) return [];
  if (status !== 0) return 'fatal';
  const ignored = new Set(output.split('\0'));
  return paths.filter((_, index) => ignored.has(written[index]!));
}

function run(cwd: string, args: readonly string[], input: string): Promise<{ status?: number; output: string }> {
  return new Promise((resolve) => {
    const git = execFile(
      'git',
      ['-c', 'core.fsmonitor=false', ...args],
      { cwd, env: withoutGit(process.env), maxBuffer: Number.POSITIVE_INFINITY },
      (error, output) => {
        const status = error ? error.code : 0;
        resolve(typeof status === 'number' ? { status, output } : { output });
      },
    );
    // Where there is no git, or it has ended, nobody reads.
    git.stdin?.on('error', () => {});
    git.stdin?.end(input);
  });
}

/** Within a git hook the environment names another repository's parts; the directory alone decides here. */
function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
}
