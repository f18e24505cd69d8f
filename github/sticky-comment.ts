import type { Api } from './api.ts';
import { notAgain } from './api.ts';
import { type Doing, doing, refusalOf } from './api-error.ts';
import { createOnce } from './create-once.ts';

interface Comment {
  id: number;
  body?: string;
  user: { login: string } | null;
  created_at: string;
}

/** Where comments are, and who we are there. */
export interface Commenting {
  api: Api;
  owner: string;
  repo: string;
  /** The login of the token's account, as far as is known. */
  author: string;
  grantedIn?: string;
  pause: (attempt: number) => Promise<void>;
}

/**
 * The one comment of ours under a pull request: replaced, or created. Two runs that create one at once agree on the older.
 * Of GitHub's API it takes one call when nothing has changed, two to replace (one more for each 100 older comments), three to create.
 * @param markdown with a hidden marker at its beginning, by which it is found again; without one it gets that of a repository's
 * only application
 */
export async function stick(pullRequest: number, markdown: string, commenting: Commenting): Promise<void> {
  const given = /^<!-- fairlead:[^\n]*?-->/.exec(markdown)?.[0];
  const marker = given ?? usual;
  const body = given === undefined ? `${usual}\n\n${markdown}` : markdown;
  const known = await find(pullRequest, marker, commenting);
  if (known.length > 0) return keepOldest(known, body, commenting);
  const created = await create(pullRequest, body, marker, commenting);
  // Whoever created one in the meantime sees this one too.
  const all = await since(pullRequest, created, marker, commenting);
  if (all.length > 1) await keepOldest(all, body, commenting);
}

const usual = '<!-- fairlead:preview -->';

const size = 100;

/**
 * On the first page that has any: they are as old as the preview, and so before most others. A token of an app or of a person has
 * another account than was said; that is asked for where somebody has the marker, and so costs most nothing.
 */
async function find(number: number, marker: string, commenting: Commenting): Promise<Comment[]> {
  const others: Comment[] = [];
  for (let page = 1; ; page++) {
    const comments = await list(number, { page }, commenting);
    const own = comments.filter((comment) => isOurs(comment, marker, commenting.author));
    if (own.length > 0) return own;
    others.push(...comments.filter(({ body }) => body?.startsWith(marker)));
    if (comments.length < size) break;
  }
  if (others.length === 0) return [];
  const author = await readLogin(number, commenting);
  return others.filter((comment) => isOurs(comment, marker, author));
}

/** Whoever writes the marker must not be able to keep a token from commenting that may not ask who it is. */
async function readLogin(number: number, commenting: Commenting): Promise<string> {
  return doing(commentsOf(number, 'read', commenting), async () => {
    try {
      const query = 'query { viewer { login } }';
      return (await commenting.api.graphql<{ viewer: { login: string } }>(query)).viewer.login;
    } catch (error) {
      if ([403, 404, 422].includes(refusalOf(error)?.status ?? 0)) return commenting.author;
      throw error;
    }
  });
}

/** Those of the author of one, from a while before it was created, as clocks of servers differ. */
async function since(number: number, created: Comment, marker: string, commenting: Commenting): Promise<Comment[]> {
  const from = new Date(Date.parse(created.created_at) - 300_000).toISOString();
  const author = created.user?.login ?? commenting.author;
  const comments = await list(number, { since: from }, commenting);
  return comments.filter((comment) => isOurs(comment, marker, author));
}

function list(number: number, part: { page?: number; since?: string }, commenting: Commenting): Promise<Comment[]> {
  const { api, owner, repo } = commenting;
  return doing(commentsOf(number, 'read', commenting), async () => {
    const { data } = await api.rest.issues.listComments({ owner, repo, issue_number: number, per_page: size, ...part });
    return data;
  });
}

/** Whoever writes the marker into a comment of their own does not lead us to it. */
function isOurs({ body, user }: Comment, marker: string, author: string): boolean {
  return user?.login === author && (body?.startsWith(marker) ?? false);
}

function create(number: number, body: string, marker: string, commenting: Commenting): Promise<Comment> {
  const { api, owner, repo } = commenting;
  return doing(commentsOf(number, 'write', commenting), () =>
    createOnce<Comment>(
      async () =>
        (await api.rest.issues.createComment({ owner, repo, issue_number: number, body, request: notAgain })).data,
      async () => (await find(number, marker, commenting))[0],
      commenting.pause,
    ),
  );
}

async function keepOldest(comments: readonly Comment[], body: string, commenting: Commenting): Promise<void> {
  const { api, owner, repo } = commenting;
  const [oldest, ...others] = [...comments].sort((a, b) => a.id - b.id);
  await doing(commentsOf(undefined, 'write', commenting), async () => {
    if (!isSame(oldest!.body, body)) await api.rest.issues.updateComment({ owner, repo, comment_id: oldest!.id, body });
    for (const { id } of others) {
      await absentIsFine(() => api.rest.issues.deleteComment({ owner, repo, comment_id: id }));
    }
  });
}

/** GitHub may keep other line ends, and none at the end. */
function isSame(kept: string | undefined, body: string): boolean {
  const plain = (text = '') => text.replaceAll('\r\n', '\n').trim();
  return plain(kept) === plain(body);
}

async function absentIsFine(request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error;
  }
}

function commentsOf(number: number | undefined, what: 'read' | 'write', { grantedIn }: Commenting): Doing {
  return {
    what: `${what} comments${number === undefined ? '' : ` of pull request ${number}`}`,
    permission: `pull-requests: ${what}`,
    ...(grantedIn !== undefined && { grantedIn }),
  };
}
