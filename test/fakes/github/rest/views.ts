import type { Commit } from '../model/commits.ts';
import type { Label } from '../model/labels.ts';
import type { Repository } from '../model/repository.ts';
import type { User } from '../model/users.ts';
import type { Json } from './answer.ts';
import { nodeId, type Urls } from './urls.ts';

export function userView(user: User, { api, server }: Urls): Json {
  const url = `${api}/users/${encodeURIComponent(user.login)}`;
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId('U', user.id),
    avatar_url: `https://avatars.githubusercontent.com/u/${user.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${server}/${user.type === 'Bot' ? `apps/${user.login.replace('[bot]', '')}` : user.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: user.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

const relative = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

/** A repository as it stands within other things. */
export function minimalRepositoryView(repository: Repository, urls: Urls): Json {
  const url = `${urls.api}/repos/${repository.fullName}`;
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: userView(repository.owner, urls),
    html_url: `${urls.server}/${repository.fullName}`,
    description: null,
    fork: repository.parent !== undefined,
    url,
    ...Object.fromEntries(Object.entries(relative).map(([name, path]) => [name, url + path])),
  };
}

export function repositoryView(repository: Repository, urls: Urls): Json {
  const html = `${urls.server}/${repository.fullName}`;
  return {
    ...minimalRepositoryView(repository, urls),
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.createdAt,
    git_url: `git://github.com/${repository.fullName}.git`,
    ssh_url: `git@github.com:${repository.fullName}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 1,
    stargazers_count: 0,
    watchers_count: 0,
    language: 'TypeScript',
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: repository.pulls.list().filter(({ state }) => state === 'open').length,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: 0,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

export function labelView(label: Label, repository: Repository, { api }: Urls): Json {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${api}/repos/${repository.fullName}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

export function commitView(commit: Commit, repository: Repository, urls: Urls): Json {
  const { api, server } = urls;
  const url = `${api}/repos/${repository.fullName}/commits/${commit.sha}`;
  const person = { name: commit.author, email: `${commit.author}@users.noreply.github.com`, date: commit.at };
  const account = userView(repository.world.users.get(commit.author), urls);
  const tree = commit.sha.replace(/^./, 'e');
  return {
    sha: commit.sha,
    node_id: nodeId('C', 0) + commit.sha,
    commit: {
      author: person,
      committer: person,
      message: commit.message,
      tree: { sha: tree, url: `${api}/repos/${repository.fullName}/git/trees/${tree}` },
      url: `${api}/repos/${repository.fullName}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url,
    html_url: `${server}/${repository.fullName}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: account,
    committer: account,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/repos/${repository.fullName}/commits/${sha}`,
      html_url: `${server}/${repository.fullName}/commit/${sha}`,
    })),
  };
}
