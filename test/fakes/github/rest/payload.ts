import type { Happening } from '../model/happenings.ts';
import type { Json } from './answer.ts';
import { pullView } from './pull-view.ts';
import type { Urls } from './urls.ts';
import { commitView, labelView, repositoryView, userView } from './views.ts';

/** What `github.event` is for it: https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export function payloadOf(happening: Happening, urls: Urls): Json {
  const { name, action, repository, sender, pull: number, details } = happening;
  const { users, commits } = repository.world;
  const common = { repository: repositoryView(repository, urls), sender: userView(users.get(sender), urls) };
  if (name === 'pull_request' && number !== undefined) {
    const { label, ...rest } = details;
    const pull = repository.pulls.require(number);
    const view = pullView(pull, repository, urls);
    const which = label ? { label: labelView(repository.labels.get(String(label)), repository, urls) } : {};
    return { action, number, pull_request: view, ...which, ...rest, ...common };
  }
  if (name === 'push') {
    const { ref, before, after, forced } = details as { ref: string; before: string; after: string; forced: boolean };
    const commit = commits.get(after);
    const head = commit && pushedCommit(commitView(commit, repository, urls));
    const compare = `${urls.server}/${repository.fullName}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`;
    const created = /^0+$/.test(before);
    const pusher = { name: sender, email: `${sender}@users.noreply.github.com` };
    return {
      ref,
      before,
      after,
      created,
      deleted: false,
      forced,
      base_ref: null,
      compare,
      commits: head ? [head] : [],
      head_commit: head,
      pusher,
      ...common,
    };
  }
  return { ...(action && { action }), ...details, ...common };
}

function pushedCommit({ sha, commit, html_url }: Json): Json {
  const person = {
    name: commit.author.name,
    email: commit.author.email,
    date: commit.author.date,
    username: commit.author.name,
  };
  return {
    id: sha,
    tree_id: commit.tree.sha,
    distinct: true,
    message: commit.message,
    timestamp: commit.author.date,
    url: html_url,
    author: person,
    committer: person,
    added: [],
    removed: [],
    modified: [],
  };
}
