import { type GitFacts, parseSlug } from '../git.ts';
import { productionBranch } from '../init/branch.ts';
import { type Request, statusOf } from '../request.ts';
import { setupError } from '../setup-error.ts';
import type { RepositoryIdentity } from './trust.ts';

/** What the user says of the repository, and what git does. */
export interface IdentityInput {
  /** `owner/name` */
  repository?: string | undefined;
  repositoryId?: number | undefined;
  ownerId?: number | undefined;
  branch?: string | undefined;
  git: GitFacts;
}

/**
 * Who a repository is: as said on the command line, else as GitHub says, whose names win since theirs is the case of letters that
 * tokens have.
 * @param request absent without a token
 * @throws UserError FL6303 when nobody says which repository, FL6304 when its numbers are unknown, FL6305 when its branch is
 */
export async function identify(input: IdentityInput, request: Request | undefined): Promise<RepositoryIdentity> {
  const slug = input.repository === undefined ? input.git.slug : parseSlug(input.repository);
  if (!slug)
    throw setupError(
      'FL6303',
      input.repository === undefined
        ? 'the repository has no remote on GitHub'
        : `${JSON.stringify(input.repository)} is no repository on GitHub`,
      'Name it: --repository owner/name.',
    );
  const said = { ownerId: input.ownerId, id: input.repositoryId };
  if (said.ownerId !== undefined && said.id !== undefined)
    return {
      ...slug,
      ownerId: said.ownerId,
      id: said.id,
      defaultBranch: input.branch ?? productionBranch(input.git),
    };
  const name = `${slug.owner}/${slug.name}`;
  if (!request)
    throw setupError(
      'FL6304',
      `the numbers of ${name} are not known, and there is no token to ask GitHub with`,
      `Set GITHUB_TOKEN, sign in with \`gh auth login\`, or pass --repository-id and --owner-id; \`gh api repos/${name} --jq '.id, .owner.id'\` prints both.`,
    );
  try {
    const { data } = await request('GET /repos/{owner}/{repo}', { owner: slug.owner, repo: slug.name });
    const found = data as { id: number; name: string; default_branch: string; owner: { id: number; login: string } };
    return {
      owner: found.owner.login,
      name: found.name,
      ownerId: found.owner.id,
      id: found.id,
      defaultBranch: input.branch ?? found.default_branch,
    };
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined && !(error instanceof TypeError)) throw error;
    throw setupError(
      'FL6304',
      `GitHub does not say who ${name} is (${status ?? (error as Error).message})`,
      'Look at the name and at what the token may read, or pass --repository-id and --owner-id.',
      error,
    );
  }
}
