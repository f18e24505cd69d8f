import { type Request, statusOf } from '../../request.ts';
import { type Finding, skipped } from '../check.ts';

/** What is read of a repository. */
export interface Repository {
  default_branch: string;
  private: boolean;
  archived: boolean;
  permissions?: { admin?: boolean };
}

export type Answer<T> = { data: T } | { status: number };
export type Ask = <T>(route: string, parameters?: Record<string, unknown>) => Promise<Answer<T>>;

export function asker(request: Request, repository: { owner: string; repo: string }): Ask {
  return async <T>(route: string, parameters = {}) => {
    try {
      return { data: (await request(route, { ...repository, ...parameters })).data as T };
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) throw error;
      return { status };
    }
  };
}

/** GitHub says of much that it is not there to those who may not see it. */
export function unreadable(id: string, what: string, status: number): Finding {
  return skipped(id, `the token may not read ${what} (${status}); one of an administrator may`);
}
