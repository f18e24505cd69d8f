import { Refusal } from '../model/refusal.ts';
import type { Repository } from '../model/repository.ts';
import { type Context, found, type Json, ok, page, type Routes } from './answer.ts';
import { simplePullView } from './pull-view.ts';
import { nodeId } from './urls.ts';
import { commitView, repositoryView, userView } from './views.ts';

/** https://docs.github.com/en/rest/repos/repos, /collaborators/collaborators, /commits/commits, /git/refs */
export const repositories: Routes = {
  'GET /repos/{owner}/{repo}': {
    needs: ['metadata'],
    open: true,
    answer: ({ repository, urls }) =>
      ok({ ...repositoryView(repository, urls), network_count: 0, subscribers_count: 0 }),
  },
  // https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': {
    needs: ['metadata'],
    answer({ repository, params, urls, world }) {
      const login = params.username!;
      const role = repository.collaborators.get(login) ?? (repository.private ? undefined : 'read');
      // "The permission attribute provides the legacy base roles of admin, write, read, and none, where the maintain role
      // is mapped to write and the triage role is mapped to read."
      const permission = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : (role ?? 'none');
      const user = {
        ...userView(world.users.get(login), urls),
        permissions: rights(permission, role),
        role_name: role ?? 'none',
      };
      return ok({ permission, role_name: role ?? 'none', user });
    },
  },
  'GET /repos/{owner}/{repo}/commits/{ref}': {
    needs: ['contents:read'],
    open: true,
    answer({ repository, params, urls, world }) {
      const sha = repository.resolve(params.ref!);
      if (!sha) throw new Refusal(422, `No commit found for SHA: ${params.ref}`);
      return ok({
        ...commitView(world.commits.get(sha)!, repository, urls),
        files: [],
        stats: { total: 0, additions: 0, deletions: 0 },
      });
    },
  },
  // "Lists the merged pull request that introduced the commit … if the commit is not present in the default branch, it
  // will return merged and open pull requests associated with the commit."
  'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': {
    needs: ['pull-requests:read'],
    open: true,
    answer(context) {
      const { repository, params, urls, world } = context;
      const sha = found(world.commits.get(params.commit_sha!)?.sha);
      const inMain = world.commits.ancestors(repository.branches.get(repository.defaultBranch)!).includes(sha);
      const list = repository.pulls.list().filter((pull) => {
        const own =
          pull.merged?.sha === sha || world.commits.compare(pull.base.sha, pull.head.sha)?.ahead.includes(sha);
        return own && (inMain ? pull.merged : pull.merged || pull.state === 'open');
      });
      return page(context, list, (pull) => simplePullView(pull, repository, urls));
    },
  },
  // https://docs.github.com/en/rest/commits/commits#compare-two-commits
  'GET /repos/{owner}/{repo}/compare/{basehead}': {
    needs: ['contents:read'],
    open: true,
    answer(context) {
      const { repository, params, urls, world } = context;
      const [base = '', head = ''] = params.basehead!.split('...');
      const from = found(resolve(base, repository));
      const to = found(resolve(head, repository));
      const order = world.commits.compare(from, to);
      if (!order) throw new Refusal(404, `No common ancestor between ${base} and ${head}.`);
      const html = `${urls.server}/${repository.fullName}/compare/${base}...${head}`;
      const view = (sha: string) => commitView(world.commits.get(sha)!, repository, urls);
      return page(context, order.ahead, view, (commits, total) => ({
        url: `${urls.api}/repos/${repository.fullName}/compare/${base}...${head}`,
        html_url: html,
        permalink_url: html,
        diff_url: `${html}.diff`,
        patch_url: `${html}.patch`,
        base_commit: view(from),
        merge_base_commit: view(order.mergeBase),
        status: order.status,
        ahead_by: total,
        behind_by: order.behind.length,
        total_commits: total,
        commits,
        files: [],
      }));
    },
  },
  // https://docs.github.com/en/rest/git/refs#get-a-reference
  'GET /repos/{owner}/{repo}/git/ref/{ref}': {
    needs: ['contents:read'],
    open: true,
    answer: (context) => ok(refView(`refs/${context.params.ref}`, found(fullRef(context)), context)),
  },
  'POST /repos/{owner}/{repo}/git/refs': {
    needs: ['contents:write'],
    answer(context) {
      const { repository, body, world } = context;
      const refs = refsOf(repository, body.ref);
      if (!refs || !world.commits.get(body.sha)) throw new Refusal(422, 'Object does not exist');
      if (refs.map.has(refs.name)) throw new Refusal(422, 'Reference already exists');
      refs.map.set(refs.name, body.sha);
      return { status: 201, body: refView(body.ref, body.sha, context) };
    },
  },
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}': {
    needs: ['contents:write'],
    answer(context) {
      const { repository, body, params, world, token } = context;
      const refs = found(refsOf(repository, `refs/${params.ref}`));
      const before = refs.map.get(refs.name);
      if (!before) throw new Refusal(422, 'Reference does not exist');
      if (!body.force && !world.commits.ancestors(body.sha).includes(before))
        throw new Refusal(422, 'Update is not a fast forward');
      if (refs.map === repository.branches) repository.push(refs.name, { sha: body.sha, by: token.login });
      else refs.map.set(refs.name, body.sha);
      return ok(refView(`refs/${params.ref}`, body.sha, context));
    },
  },
  'DELETE /repos/{owner}/{repo}/git/refs/{ref}': {
    needs: ['contents:write'],
    answer({ repository, params, token }) {
      const refs = found(refsOf(repository, `refs/${params.ref}`));
      if (!refs.map.has(refs.name)) throw new Refusal(422, 'Reference does not exist');
      if (refs.map === repository.branches) repository.deleteBranch(refs.name, { by: token.login, how: 'api' });
      else refs.map.delete(refs.name);
      return { status: 204 };
    },
  },
};

/** A commit by a name of this repository, or of another one's of the network, as `owner:branch`. */
function resolve(name: string, repository: Repository): string | undefined {
  const [owner, branch] = name.split(':');
  if (!branch) return repository.resolve(name);
  return repository.world.repository(`${owner}/${repository.name}`)?.resolve(branch);
}

function refsOf(repository: Repository, ref: string): { map: Map<string, string>; name: string } | undefined {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  return name ? { map: kind === 'heads' ? repository.branches : repository.tags, name } : undefined;
}

function fullRef({ repository, params }: Context): string | undefined {
  const refs = refsOf(repository, `refs/${params.ref}`);
  return refs ? refs.map.get(refs.name) : repository.resolve(`refs/${params.ref}`);
}

function refView(ref: string, sha: string, { repository, urls }: Context): Json {
  const url = `${urls.api}/repos/${repository.fullName}/git`;
  return {
    ref,
    node_id: nodeId('REF', repository.id),
    url: `${url}/${ref}`,
    object: { type: 'commit', sha, url: `${url}/commits/${sha}` },
  };
}

function rights(permission: string, role: string | undefined): Json {
  const at = ['none', 'read', 'write', 'admin'].indexOf(permission);
  return {
    pull: at >= 1,
    triage: at >= 2 || role === 'triage',
    push: at >= 2,
    maintain: at >= 3 || role === 'maintain',
    admin: at >= 3,
  };
}
