import { NotModelled } from './not-modelled.ts';

export interface ConcurrencyRequest {
  group: string;
  cancelInProgress: boolean;
  queue: 'single' | 'max';
}

/** What a request for a group does to others, and whether it goes ahead at once. */
export interface Verdict<T> {
  admitted: boolean;
  /** Waiting ones that it takes the place of. */
  replaced: T[];
  /** One that runs, and is to be cancelled; the group is free when it has ended. */
  interrupted: T[];
}

interface Group<T> {
  running: T | undefined;
  waiting: T[];
}

const longestQueue = 100;

/**
 * Who runs and who waits in each concurrency group of a repository.
 * https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 * https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
 */
export class ConcurrencyGroups<T> {
  readonly #groups = new Map<string, Group<T>>();

  request(holder: T, { group: name, cancelInProgress, queue }: ConcurrencyRequest): Verdict<T> {
    const group = this.#group(name);
    if (group.running === undefined) {
      group.running = holder;
      return { admitted: true, replaced: [], interrupted: [] };
    }
    if (queue === 'max') {
      if (cancelInProgress) throw new NotModelled('queue: max with cancel-in-progress, which GitHub refuses');
      if (group.waiting.length === longestQueue) throw new NotModelled(`more than ${longestQueue} waiting in ${name}`);
      group.waiting.push(holder);
      return { admitted: false, replaced: [], interrupted: [] };
    }
    const replaced = group.waiting;
    group.waiting = [holder];
    return { admitted: false, replaced, interrupted: cancelInProgress ? [group.running] : [] };
  }

  /** Ends a holder, running or waiting. Answers who is next; it runs from now on. */
  release(holder: T, name: string): T | undefined {
    const group = this.#group(name);
    group.waiting = group.waiting.filter((other) => other !== holder);
    if (group.running !== holder) return undefined;
    group.running = group.waiting.shift();
    return group.running;
  }

  running(name: string): T | undefined {
    return this.#group(name).running;
  }

  waiting(name: string): readonly T[] {
    return this.#group(name).waiting;
  }

  /** Names of groups are compared without regard to case. */
  #group(name: string): Group<T> {
    const key = name.toLowerCase();
    const group = this.#groups.get(key) ?? { running: undefined, waiting: [] };
    this.#groups.set(key, group);
    return group;
  }
}
