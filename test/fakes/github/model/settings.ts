import { isoTime } from './clock.ts';
import type { Repository } from './repository.ts';

export interface Variable {
  name: string;
  value: string;
  createdAt: string;
  updatedAt: string;
}

/** The settings of Actions in a repository. */
export class Settings {
  readonly #repository: Repository;
  readonly variables = new Map<string, Variable>();
  /** https://docs.github.com/en/rest/actions/permissions */
  actions: { enabled: boolean; allowed: 'all' | 'local_only' | 'selected'; pinned: boolean; patterns: string[] } = {
    enabled: true,
    allowed: 'all',
    pinned: false,
    patterns: [],
  };
  workflow: { permissions: 'read' | 'write'; approves: boolean } = { permissions: 'read', approves: false };

  /** The claims in `sub`, when they are not the usual: https://docs.github.com/en/rest/actions/oidc */
  subjectClaims: string[] | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Sets a variable of the repository, or of one of its environments. */
  setVariable(name: string, value: string, environment?: string): void {
    const variables = environment ? this.#repository.environments.ensure(environment).variables : this.variables;
    const at = isoTime(this.#repository.world.clock.now());
    variables.set(name, { name, value, createdAt: variables.get(name)?.createdAt ?? at, updatedAt: at });
  }
}
