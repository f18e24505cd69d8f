/** An account. The login of a GitHub App's account ends in `[bot]`. */
export interface User {
  id: number;
  login: string;
  type: 'User' | 'Bot' | 'Organization';
}

/** The account that a workflow's own token acts as: https://docs.github.com/en/actions/concepts/security/github_token */
export const actionsBot = 'github-actions[bot]';

export class Users {
  readonly #users = new Map<string, User>();

  /** The account of a login, which exists from its first mention on. */
  get(login: string): User {
    let user = this.#users.get(login);
    if (!user) {
      const id = login === actionsBot ? 41898282 : 1000 + this.#users.size;
      user = { id, login, type: login.endsWith('[bot]') ? 'Bot' : 'User' };
      this.#users.set(login, user);
    }
    return user;
  }

  organization(login: string): User {
    const user = this.get(login);
    user.type = 'Organization';
    return user;
  }
}
