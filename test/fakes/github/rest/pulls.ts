import type { Pull } from '../model/pulls.ts';
import { type Context, found, ok, page, type Routes } from './answer.ts';
import { pullView, simplePullView } from './pull-view.ts';
import { commitView } from './views.ts';

/** https://docs.github.com/en/rest/pulls/pulls */
export const pulls: Routes = {
  'GET /repos/{owner}/{repo}/pulls': {
    needs: ['pull-requests:read'],
    open: true,
    answer(context) {
      const { query, repository } = context;
      const state = query.get('state') ?? 'open';
      const head = query.get('head');
      const base = query.get('base');
      const wanted = (pull: Pull) =>
        (state === 'all' || pull.state === state) &&
        (!head || `${pull.head.owner}:${pull.head.ref}` === head) &&
        (!base || pull.base.ref === base);
      const list = repository.pulls.list().filter(wanted);
      const sort = query.get('sort') ?? 'created';
      if (sort === 'updated') list.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt) || a.number - b.number);
      // "Default: desc when sort is created or sort is not specified, otherwise asc."
      const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc');
      if (direction === 'desc') list.reverse();
      return page(context, list, (pull) => simplePullView(pull, repository, context.urls));
    },
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': {
    needs: ['pull-requests:read'],
    open: true,
    answer: (context) => ok(pullView(pullOf(context), context.repository, context.urls)),
  },
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}': {
    needs: ['pull-requests:write'],
    answer(context) {
      const { number } = pullOf(context);
      const { repository, body, token, urls } = context;
      const { pulls: all } = repository;
      if (body.title !== undefined) all.rename(number, body.title, token.login);
      if (body.base !== undefined) all.retarget(number, body.base, token.login);
      if (body.state === 'closed') all.close(number, token.login);
      if (body.state === 'open') all.reopen(number, token.login);
      if (body.body !== undefined) all.require(number).body = body.body;
      return ok(pullView(all.require(number), repository, urls));
    },
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits': {
    needs: ['pull-requests:read'],
    open: true,
    answer(context) {
      const { world, repository, urls } = context;
      const pull = pullOf(context);
      const shas = world.commits.compare(pull.base.sha, pull.head.sha)?.ahead ?? [pull.head.sha];
      return page(context, shas, (sha) => commitView(world.commits.get(sha)!, repository, urls));
    },
  },
};

export function pullOf({ repository, params }: Context): Pull {
  return found(repository.pulls.get(Number(params.pull_number ?? params.issue_number)));
}
