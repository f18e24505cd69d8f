import type { Pull } from '../model/pulls.ts';
import type { Repository } from '../model/repository.ts';
import type { Json } from './answer.ts';
import { nodeId, type Urls } from './urls.ts';
import { labelView, repositoryView, userView } from './views.ts';

/** As in lists. The head's repository is null when it is deleted. */
export function simplePullView(pull: Pull, repository: Repository, urls: Urls): Json {
  const { api, server } = urls;
  const { users } = repository.world;
  const url = `${api}/repos/${repository.fullName}/pulls/${pull.number}`;
  const issue = `${api}/repos/${repository.fullName}/issues/${pull.number}`;
  const html = `${server}/${repository.fullName}/pull/${pull.number}`;
  const statuses = `${api}/repos/${repository.fullName}/statuses/${pull.head.sha}`;
  const headRepository = repository.pulls.headRepository(pull);
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userView(users.get(pull.user), urls),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? repository.pulls.refOf(pull.number, 'merge') ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name) => labelView(repository.labels.get(name), repository, urls)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/repos/${repository.fullName}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: {
      label: `${pull.head.owner}:${pull.head.ref}`,
      ref: pull.head.ref,
      sha: pull.head.sha,
      user: userView(users.get(pull.head.owner), urls),
      repo: headRepository ? repositoryView(headRepository, urls) : null,
    },
    base: {
      label: `${repository.owner.login}:${pull.base.ref}`,
      ref: pull.base.ref,
      sha: pull.base.sha,
      user: userView(repository.owner, urls),
      repo: repositoryView(repository, urls),
    },
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/repos/${repository.fullName}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: associationOf(pull.user, repository),
    auto_merge: null,
    active_lock_reason: null,
  };
}

export function pullView(pull: Pull, repository: Repository, urls: Urls): Json {
  const { users } = repository.world;
  const open = pull.state === 'open';
  return {
    ...simplePullView(pull, repository, urls),
    merged: pull.merged !== undefined,
    // https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request: null while it is not known yet.
    mergeable: open && !pull.computing ? !pull.conflicted : null,
    rebaseable: open && !pull.computing ? !pull.conflicted : null,
    mergeable_state: !open || pull.computing ? 'unknown' : pull.conflicted ? 'dirty' : pull.draft ? 'draft' : 'clean',
    merged_by: pull.merged ? userView(users.get(pull.merged.by), urls) : null,
    comments: repository.comments.list(pull.number).length,
    review_comments: 0,
    maintainer_can_modify: repository.pulls.isFromFork(pull),
    commits: 1,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };
}

export function associationOf(login: string, repository: Repository): string {
  if (login === repository.owner.login) return 'OWNER';
  return repository.collaborators.has(login) ? 'COLLABORATOR' : 'NONE';
}
