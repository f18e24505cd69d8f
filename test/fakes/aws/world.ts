import { type ClockMode, VirtualClock } from './clock.ts';
import { FaultScript } from './fault-script.ts';
import { authorize } from './iam/authorize.ts';
import { KeyStore } from './key-store.ts';
import type { JournalEntry, Random, ResourceProvider, Service, World } from './model.ts';
import { seededRandom } from './random.ts';

export interface WorldOptions {
  clock: ClockMode;
  /** Milliseconds since 1970. */
  start: number;
  seed: number;
  account: string;
  region: string;
  enforceIam: boolean;
}

/** Holds the parts together; services are put in by whoever makes it. */
export class AwsWorld implements World {
  url = '';
  readonly account: string;
  readonly region: string;
  readonly clock: VirtualClock;
  readonly faults: FaultScript;
  readonly journal: JournalEntry[] = [];
  readonly random: Random;
  /** Apart, so that reading does not change the names of what is made. */
  readonly requestIds: Random;
  readonly credentials: KeyStore;
  readonly services = new Map<string, Service>();
  readonly #enforceIam: boolean;

  constructor({ clock, start, seed, account, region, enforceIam }: WorldOptions) {
    this.account = account;
    this.region = region;
    this.clock = new VirtualClock(clock, start);
    this.faults = new FaultScript(this.clock);
    this.random = seededRandom(seed);
    this.requestIds = seededRandom(seed + 1);
    this.credentials = new KeyStore(seededRandom(seed + 2), account);
    this.#enforceIam = enforceIam;
  }

  service<T extends Service>(id: string): T {
    const found = this.services.get(id);
    if (!found) throw new Error(`The fake AWS has no service "${id}".`);
    return found as T;
  }

  provider(type: string): ResourceProvider | undefined {
    for (const { resources } of this.services.values()) if (resources?.[type]) return resources[type];
    return undefined;
  }

  authorize(...[call, wishes]: Parameters<World['authorize']>): void {
    if (this.#enforceIam) authorize(this, call, wishes);
  }

  async dispose(): Promise<void> {
    this.clock.dispose();
    for (const service of [...this.services.values()].reverse()) await service.dispose?.();
  }
}
