import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type GitFacts, readGit } from '../github/git.ts';
import { type FoundApplication, findApplications, serviceApplicationAt } from '../github/init/applications.ts';
import type { Request } from '../github/request.ts';
import { setupError } from '../github/setup-error.ts';
import { findToken } from '../github/token.ts';
import type { Reporter } from '../pipeline/ports.ts';

/** A working tree of git. */
export type Tree = GitFacts & { root: string };

/** The working tree that a directory is in. @throws UserError FL6301 when it is in none, or git is not installed */
export async function readTree(directory: string): Promise<Tree> {
  const facts = await readGitOr(directory);
  if (facts.root !== undefined) return { ...facts, root: facts.root };
  throw setupError(
    'FL6301',
    `${directory} is in no git repository`,
    'Go to your repository, or make one: git init -b main.',
  );
}

/** Where a directory stands in git. @throws UserError FL6301 when git is not installed */
export async function readGitOr(directory: string): Promise<GitFacts> {
  try {
    return await readGit(directory);
  } catch (error) {
    throw setupError('FL6301', 'git is not installed', 'Install git.', error);
  }
}

/**
 * The applications that a command is about: those named, relative to where the user is, else all of the repository.
 * @throws UserError FL6302 when there is none
 */
export async function chooseApplications(
  { root, directory }: { root: string; directory: string },
  named: readonly string[] | undefined,
): Promise<FoundApplication[]> {
  if (named && named.length > 0)
    return Promise.all(named.map((one) => serviceApplicationAt(root, real(resolve(directory, one)))));
  const found = await findApplications(root);
  if (found.length > 0) return found;
  throw setupError(
    'FL6302',
    `there is no application in ${root}`,
    'An application is a directory with a package.json whose sources declare services. Name it with --app <dir>.',
  );
}

/** As git names it, which follows links. One that is not there keeps its name. */
function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** GitHub's API with the user's token; undefined without one. */
export async function openGitHub(env: NodeJS.ProcessEnv, report: Pick<Reporter, 'info'>): Promise<Request | undefined> {
  const token = await findToken(env);
  if (token === undefined) return undefined;
  const { createApi } = await import('../github/api.ts');
  return createApi({ token, baseUrl: env.GITHUB_API_URL || 'https://api.github.com', report }).request as Request;
}
