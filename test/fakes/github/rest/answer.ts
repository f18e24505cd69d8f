import { Refusal } from '../model/refusal.ts';
import type { Repository } from '../model/repository.ts';
import type { Permission, Token } from '../model/tokens.ts';
import type { World } from '../model/world.ts';
import type { Blobs } from '../services/blobs.ts';
import type { Urls } from './urls.ts';

// biome-ignore lint/suspicious/noExplicitAny: JSON with a shape per operation
export type Json = any;

export interface Answer {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
}

/** One request of the REST API to a repository, with what its operation needs. */
export interface Context {
  world: World;
  repository: Repository;
  token: Token;
  urls: Urls;
  blobs: Blobs;
  /** Of the path, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Json;
  request: URL;
}

export interface Route {
  /** A token needs one of these. `admin` and `metadata` every token for the repository has as its account has them. */
  needs: (`${Permission}:${'read' | 'write'}` | 'metadata')[];
  /** Whether everyone may, when the repository is public. */
  open?: boolean;
  answer(context: Context): Answer;
}

/** By method and path of the description, such as `GET /repos/{owner}/{repo}/pulls`. */
export type Routes = Record<string, Route>;

export const ok = (body: Json, headers?: Record<string, string>): Answer => ({
  status: 200,
  body,
  ...(headers && { headers }),
});

export const notFound = () => new Refusal(404, 'Not Found');

/** @throws Refusal 404 when there is none */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}

/**
 * One page of a list, with the Link header: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 * @param wrap makes the body out of the page, for lists that come in an object
 */
export function page<T>(
  context: Context,
  items: T[],
  view: (item: T) => Json,
  wrap?: (page: Json[], total: number) => Json,
): Answer {
  const size = Math.min(Math.max(Number(context.query.get('per_page') ?? 30), 1), 100);
  const at = Math.max(Number(context.query.get('page') ?? 1), 1);
  const last = Math.max(Math.ceil(items.length / size), 1);
  const shown = items.slice((at - 1) * size, at * size).map(view);
  const to = (number: number, rel: string) => {
    const url = new URL(context.request);
    url.searchParams.set('page', String(number));
    return `<${url}>; rel="${rel}"`;
  };
  const links = [
    ...(at > 1 ? [to(at - 1, 'prev')] : []),
    ...(at < last ? [to(at + 1, 'next'), to(last, 'last')] : []),
    ...(at > 1 ? [to(1, 'first')] : []),
  ];
  return ok(wrap ? wrap(shown, items.length) : shown, links.length > 0 ? { link: links.join(', ') } : undefined);
}
