import type { Repository } from '../fakes/github/model/repository.ts';
import type { Handler } from './steps.ts';
import type { Trees } from './trees.ts';

/**
 * `actions/checkout`: hands out the tree of the ref it is told, and notes what that job has in its workspace from then on.
 * https://github.com/actions/checkout
 */
export function checkoutHandler(repository: Repository, trees: Trees): Handler {
  return async ({ job, inputs, point }) => {
    await point('checkout');
    const { event } = job.run;
    const name = inputs.repository || repository.fullName;
    const ref = inputs.ref || event.ref;
    const sha = inputs.ref ? repository.resolve(inputs.ref) : event.sha;
    if (name !== repository.fullName || !sha) throw new Error(`Unable to find ${ref} of ${name}`);
    refuseForks(repository, job.run.event.name, sha, inputs['allow-unsafe-pr-checkout'] === 'true');
    job.checkouts.push({
      repository: name,
      ref,
      sha,
      path: inputs.path || '.',
      files: trees.of(sha),
      trusted: isOfDefaultBranch(repository, sha),
      credentials: inputs['persist-credentials'] !== 'false',
    });
    return { outputs: { commit: sha, ref } };
  };
}

/** https://docs.github.com/actions/reference/security/securely-using-pull_request_target */
function refuseForks(repository: Repository, event: string, sha: string, allowed: boolean): void {
  if (event !== 'pull_request_target' || allowed) return;
  const { commits } = repository.world;
  const foreign = repository.pulls
    .list()
    .filter((pull) => repository.pulls.isFromFork(pull) && !isOfDefaultBranch(repository, pull.head.sha));
  if (foreign.some(({ head }) => commits.ancestors(sha).includes(head.sha))) {
    throw new Error('Refusing to check out a pull request of a fork in pull_request_target');
  }
}

function isOfDefaultBranch(repository: Repository, sha: string): boolean {
  const tip = repository.branches.get(repository.defaultBranch)!;
  return repository.world.commits.ancestors(tip).includes(sha);
}
