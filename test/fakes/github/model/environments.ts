import { isoTime } from './clock.ts';
import type { Repository } from './repository.ts';
import type { Variable } from './settings.ts';

/** https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments */
export interface Environment {
  id: number;
  name: string;
  createdAt: string;
  /** Logins. */
  reviewers: string[];
  preventSelfReview: boolean;
  /** Minutes. */
  wait: number;
  /** Patterns of branches; `all` when every ref may deploy, `protected` when protected branches may. */
  branches: 'all' | 'protected' | { name: string; type: 'branch' | 'tag'; id: number }[];
  variables: Map<string, Variable>;
}

export class Environments {
  readonly #repository: Repository;
  readonly #environments = new Map<string, Environment>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  list(): Environment[] {
    return [...this.#environments.values()];
  }

  /** Names of environments are told apart without regard to case. */
  get(name: string): Environment | undefined {
    return this.#environments.get(name.toLowerCase());
  }

  delete(name: string): void {
    this.#environments.delete(name.toLowerCase());
  }

  ensure(name: string): Environment {
    const found = this.get(name);
    if (found) return found;
    const environment: Environment = {
      id: this.#repository.world.nextId(),
      name,
      createdAt: isoTime(this.#repository.world.clock.now()),
      reviewers: [],
      preventSelfReview: false,
      wait: 0,
      branches: 'all',
      variables: new Map(),
    };
    this.#environments.set(name.toLowerCase(), environment);
    return environment;
  }

  /** Creates or changes an environment. @param branches patterns such as `main` or `refs/pull/*' + `/merge` */
  set(
    name: string,
    {
      branches,
      ...rest
    }: { branches?: 'all' | 'protected' | string[]; reviewers?: string[]; wait?: number; preventSelfReview?: boolean },
  ): Environment {
    const environment = Object.assign(this.ensure(name), rest);
    if (Array.isArray(branches))
      environment.branches = branches.map((one) => ({
        name: one,
        type: 'branch',
        id: this.#repository.world.nextId(),
      }));
    else if (branches) environment.branches = branches;
    return environment;
  }

  /** Whether a run of `ref` (such as `refs/heads/main` or `refs/pull/1/merge`) may deploy to it. */
  admits(name: string, ref: string): boolean {
    const branches = this.get(name)?.branches ?? 'all';
    if (branches === 'all') return true;
    const short = ref.replace(/^refs\/(heads|tags)\//, '');
    if (branches === 'protected') return short === this.#repository.defaultBranch;
    return branches.some((one) => matches(one.name, short) || matches(one.name, ref));
  }
}

/** As Ruby's File.fnmatch with FNM_PATHNAME: `*` stops at a slash. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*\*\//g, '\u0000')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  return new RegExp(`^${source.replaceAll('\u0000', '(?:.*/)?')}$`).test(name);
}
