import { isoTime } from './clock.ts';
import { Refusal } from './refusal.ts';
import type { Repository } from './repository.ts';

export interface Comment {
  id: number;
  /** Of the issue or pull request. */
  issue: number;
  body: string;
  user: string;
  createdAt: string;
  updatedAt: string;
}

/** GitHub's limit, in characters: its answer is `Body is too long (maximum is 65536 characters)`. */
export const longestBody = 65_536;

/** https://docs.github.com/en/rest/issues/comments */
export class Comments {
  readonly #repository: Repository;
  #comments: Comment[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Oldest first. */
  list(issue?: number): Comment[] {
    return this.#comments.filter((comment) => issue === undefined || comment.issue === issue);
  }

  get(id: number): Comment | undefined {
    return this.#comments.find((comment) => comment.id === id);
  }

  create(issue: number, body: string, user: string): Comment {
    checkBody(body);
    const at = isoTime(this.#repository.world.clock.now());
    const comment = { id: this.#repository.world.nextId(), issue, body, user, createdAt: at, updatedAt: at };
    this.#comments.push(comment);
    return comment;
  }

  update(comment: Comment, body: string): Comment {
    checkBody(body);
    comment.body = body;
    comment.updatedAt = isoTime(this.#repository.world.clock.now());
    return comment;
  }

  delete(id: number): void {
    this.#comments = this.#comments.filter((comment) => comment.id !== id);
  }
}

function checkBody(body: string): void {
  if (body === '')
    throw new Refusal(422, 'Validation Failed', [{ resource: 'IssueComment', field: 'body', code: 'missing_field' }]);
  if ([...body].length > longestBody)
    throw new Refusal(422, 'Validation Failed', [
      {
        resource: 'IssueComment',
        field: 'body',
        code: 'custom',
        message: `body is too long (maximum is ${longestBody} characters)`,
      },
    ]);
}
