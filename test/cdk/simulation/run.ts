import type { Session } from '../../fakes/aws/model.ts';

/** One process that deploys or removes something: a job of a workflow. */
export class Run {
  readonly name: string;
  /** Of its credentials. */
  readonly session: Session;
  /** How many calls of AWS it has made. */
  calls = 0;
  /** Killed: nothing of it happens any more. */
  dead = false;
  done = false;
  value: unknown;
  error: unknown;
  /** Called when it is killed. */
  readonly onDeath: (() => void)[] = [];

  constructor(name: string, session: Session) {
    [this.name, this.session] = [name, session];
  }

  get isOver(): boolean {
    return this.dead || this.done;
  }

  kill(): void {
    if (this.isOver) return;
    this.dead = true;
    for (const hear of this.onDeath) hear();
  }

  /** The port, of which nothing comes back to whoever is dead. */
  alive<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => (this.dead ? new Promise(() => {}) : value.apply(target, args));
      },
    });
  }
}
