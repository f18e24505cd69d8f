import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import { actionsBot } from './users.ts';

/** The keys of `permissions:` in a workflow, and three that only people's tokens have. */
export type Permission =
  | 'actions'
  | 'attestations'
  | 'checks'
  | 'contents'
  | 'deployments'
  | 'id-token'
  | 'issues'
  | 'packages'
  | 'pull-requests'
  | 'security-events'
  | 'statuses'
  | 'administration'
  | 'environments'
  | 'variables';

export type Permissions = Partial<Record<Permission, 'read' | 'write'>>;

export interface Token {
  value: string;
  /** The full name of the repository that it is for. */
  repository: string;
  permissions: Permissions;
  /** The account that it acts as. */
  login: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** GitHub's limits for a workflow's token: its job's end, or 24 hours. https://docs.github.com/en/actions/concepts/security/github_token */
const longest = 24 * 60;

export class Tokens {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Token>();
  #issued = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(options: { repository: string; permissions: Permissions; login?: string; minutes?: number }): Token {
    const { repository, permissions, login = actionsBot, minutes = longest } = options;
    const kind = login === actionsBot ? 'ghs' : 'github_pat';
    const value = `${kind}_${createHash('sha256')
      .update(`${repository}${this.#issued++}`)
      .digest('hex')
      .slice(0, 36)}`;
    const expires = this.#clock.now().getTime() + minutes * 60_000;
    const token = { value, repository, permissions, login, expires };
    this.#tokens.set(value, token);
    return token;
  }

  /** The token of a value; undefined when GitHub never gave it, or when it is over. */
  get(value: string): Token | undefined {
    const token = this.#tokens.get(value);
    return token && token.expires > this.#clock.now().getTime() ? token : undefined;
  }

  revoke(value: string): void {
    this.#tokens.delete(value);
  }

  list(): Token[] {
    return [...this.#tokens.values()];
  }
}
