import type { Clock } from './clock.ts';
import { Commits } from './commits.ts';
import { Files } from './files.ts';
import type { Happening } from './happenings.ts';
import { Repository, type RepositoryOptions } from './repository.ts';
import { Tokens } from './tokens.ts';
import { actionsBot, Users } from './users.ts';

/** All of GitHub, without its wires. */
export class World {
  readonly clock: Clock;
  readonly users = new Users();
  readonly commits: Commits;
  readonly files: Files;
  readonly tokens: Tokens;
  readonly repositories = new Map<string, Repository>();
  readonly #listeners: ((happening: Happening) => void)[] = [];
  #lastId = 1000;

  constructor(clock: Clock) {
    this.clock = clock;
    this.commits = new Commits(clock);
    this.files = new Files(this.commits);
    this.tokens = new Tokens(clock);
  }

  /** Ids are unique over all kinds of things and grow with time. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Creates a repository with one commit on its default branch. @param fullName such as `ada/shop` */
  createRepository(fullName: string, options: RepositoryOptions = {}): Repository {
    if (this.repositories.has(key(fullName))) throw new Error(`${fullName} exists.`);
    const repository = new Repository(this, fullName, options);
    this.repositories.set(key(fullName), repository);
    return repository;
  }

  repository(fullName: string): Repository | undefined {
    return this.repositories.get(key(fullName));
  }

  repositoryById(id: number | undefined): Repository | undefined {
    return [...this.repositories.values()].find((one) => one.id === id);
  }

  /** https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/working-with-forks/about-forks */
  fork(repository: Repository, owner: string): Repository {
    const fork = this.createRepository(`${owner}/${repository.name}`, {
      parent: repository,
      private: repository.private,
      defaultBranch: repository.defaultBranch,
    });
    for (const [branch, sha] of repository.branches) fork.branches.set(branch, sha);
    return fork;
  }

  /** Pull requests from a deleted fork stay; what they know of their head's repository is null from then on. */
  deleteRepository(repository: Repository): void {
    this.repositories.delete(key(repository.fullName));
  }

  /** @returns a function that ends it */
  onHappening(listener: (happening: Happening) => void): () => void {
    this.#listeners.push(listener);
    return () => void this.#listeners.splice(this.#listeners.indexOf(listener), 1);
  }

  happen(happening: Omit<Happening, 'byWorkflow' | 'details'> & { details?: Record<string, unknown> }): void {
    const byWorkflow = happening.sender === actionsBot;
    for (const listener of this.#listeners) listener({ details: {}, ...happening, byWorkflow });
  }
}

const key = (fullName: string) => fullName.toLowerCase();
