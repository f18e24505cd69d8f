import type { Comment } from '../model/comments.ts';
import type { IssueEvent } from '../model/pulls.ts';
import { Refusal } from '../model/refusal.ts';
import type { Repository } from '../model/repository.ts';
import { type Answer, type Context, found, type Json, ok, page, type Routes } from './answer.ts';
import { associationOf } from './pull-view.ts';
import { pullOf } from './pulls.ts';
import { nodeId, type Urls } from './urls.ts';
import { commitView, labelView, userView } from './views.ts';

/** Of a pull request, either permission will do: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps */
const read = ['issues:read', 'pull-requests:read'] as const;
const write = ['issues:write', 'pull-requests:write'] as const;

/** Every pull request is an issue: https://docs.github.com/en/rest/issues/issues */
export const issues: Routes = {
  // https://docs.github.com/en/rest/issues/comments
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    needs: [...read],
    open: true,
    answer(context) {
      const since = context.query.get('since');
      const list = context.repository.comments.list(pullOf(context).number);
      return page(context, since ? list.filter((one) => one.updatedAt >= since) : list, (one) =>
        commentView(one, context),
      );
    },
  },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': {
    needs: [...write],
    answer(context) {
      const { repository, body, token } = context;
      const comment = repository.comments.create(pullOf(context).number, body.body, token.login);
      const view = commentView(comment, context);
      return { status: 201, body: view, headers: { location: view.url } };
    },
  },
  'GET /repos/{owner}/{repo}/issues/comments': {
    needs: [...read],
    open: true,
    answer: (context) => page(context, context.repository.comments.list(), (one) => commentView(one, context)),
  },
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: [...read],
    open: true,
    answer: (context) => ok(commentView(commentOf(context), context)),
  },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: [...write],
    answer: (context) =>
      ok(commentView(context.repository.comments.update(commentOf(context), context.body.body), context)),
  },
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: [...write],
    answer(context) {
      context.repository.comments.delete(commentOf(context).id);
      return { status: 204 };
    },
  },
  // https://docs.github.com/en/rest/issues/labels
  'GET /repos/{owner}/{repo}/issues/{issue_number}/labels': {
    needs: [...read],
    open: true,
    answer: (context) =>
      page(
        context,
        pullOf(context).labels,
        (name) => name,
        (names) => labelsView(names, context),
      ),
  },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels': {
    needs: [...write],
    answer(context) {
      const { repository, body, token } = context;
      const { number } = pullOf(context);
      const asked: Json[] = Array.isArray(body) ? body : (body.labels ?? []);
      for (const one of asked) repository.pulls.label(number, typeof one === 'string' ? one : one.name, token.login);
      return ok(labelsView(pullOf(context).labels, context));
    },
  },
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}': {
    needs: [...write],
    answer(context) {
      const { repository, params, token } = context;
      if (!repository.pulls.unlabel(pullOf(context).number, params.name!, token.login))
        throw new Refusal(404, 'Label does not exist');
      return ok(labelsView(pullOf(context).labels, context));
    },
  },
  'GET /repos/{owner}/{repo}/labels': {
    needs: [...read],
    open: true,
    answer: (context) =>
      page(context, context.repository.labels.list(), (one) => labelView(one, context.repository, context.urls)),
  },
  // https://docs.github.com/en/rest/issues/events
  'GET /repos/{owner}/{repo}/issues/{issue_number}/events': {
    needs: [...read],
    open: true,
    answer: (context) => page(context, eventsOf(context), (one) => eventView(one, context.repository, context.urls)),
  },
  // https://docs.github.com/en/rest/issues/timeline
  'GET /repos/{owner}/{repo}/issues/{issue_number}/timeline': { needs: [...read], open: true, answer: timeline },
};

function timeline(context: Context): Answer {
  const { world, repository, urls } = context;
  const pull = pullOf(context);
  const commits = (world.commits.compare(pull.base.sha, pull.head.sha)?.ahead ?? []).map(
    (sha) => world.commits.get(sha)!,
  );
  const entries = [
    ...commits.map((commit) => ({
      at: commit.at,
      view: { ...commitView(commit, repository, urls), ...committed(commit), event: 'committed' },
    })),
    ...eventsOf(context).map((event) => ({ at: event.at, view: eventView(event, repository, urls) })),
    ...repository.comments.list(pull.number).map((comment) => {
      const actor = userView(world.users.get(comment.user), urls);
      return { at: comment.createdAt, view: { ...commentView(comment, context), event: 'commented', actor } };
    }),
  ];
  return page(
    context,
    entries.sort((a, b) => a.at.localeCompare(b.at)),
    ({ view }) => view,
  );
}

const committed = ({ author, message, at }: { author: string; message: string; at: string }) => {
  const person = { name: author, email: `${author}@users.noreply.github.com`, date: at };
  return { author: person, committer: person, message };
};

function eventsOf(context: Context): IssueEvent[] {
  const { number } = pullOf(context);
  return context.repository.pulls.events.filter((event) => event.issue === number);
}

function commentOf({ repository, params }: Context): Comment {
  return found(repository.comments.get(Number(params.comment_id)));
}

export function commentView(comment: Comment, { repository, urls }: { repository: Repository; urls: Urls }): Json {
  const url = `${urls.api}/repos/${repository.fullName}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${urls.server}/${repository.fullName}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${urls.api}/repos/${repository.fullName}/issues/${comment.issue}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: userView(repository.world.users.get(comment.user), urls),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(comment.user, repository),
    body: comment.body,
    performed_via_github_app: null,
  };
}

function labelsView(names: string[], { repository, urls }: Context): Json {
  return names.map((name) => labelView(repository.labels.get(name), repository, urls));
}

export function eventView(event: IssueEvent, repository: Repository, urls: Urls): Json {
  return {
    id: event.id,
    node_id: nodeId('IE', event.id),
    url: `${urls.api}/repos/${repository.fullName}/issues/events/${event.id}`,
    actor: userView(repository.world.users.get(event.actor), urls),
    event: event.event,
    commit_id: event.commit ?? null,
    commit_url: event.commit ? `${urls.api}/repos/${repository.fullName}/commits/${event.commit}` : null,
    created_at: event.at,
    performed_via_github_app: null,
    ...(event.label && { label: { name: event.label, color: repository.labels.get(event.label).color } }),
    ...(event.rename && { rename: event.rename }),
    ...((event.event === 'closed' || event.event === 'reopened') && { state_reason: null }),
  };
}
