import type { Repository } from './repository.ts';

export interface Label {
  id: number;
  name: string;
  color: string;
  description: string | null;
}

/** The labels that a repository has; those of a pull request are names of these. */
export class Labels {
  readonly #repository: Repository;
  readonly #labels = new Map<string, Label>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** The label of a name, without regard to case; adding one that does not exist to an issue creates it. */
  get(name: string): Label {
    let label = this.#labels.get(name.toLowerCase());
    if (!label) {
      label = { id: this.#repository.world.nextId(), name, color: 'ededed', description: null };
      this.#labels.set(name.toLowerCase(), label);
    }
    return label;
  }

  list(): Label[] {
    return [...this.#labels.values()];
  }
}
