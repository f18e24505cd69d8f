import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PromoteResult, parseConfig, previewLabel, wantsPreview } from '../../pipeline/mod.ts';
import { migrations } from './sample-graph.ts';
import { application, graphOf, type Process, World } from './simulation.ts';

// Two applications of one repository through everything that happens to pull requests and to the default branch, with runs that come late,
// again, and in any order. A failure prints the seed and the path of the smallest example.
const bounds = { numRuns: 250, seed: 72 };

const applications = [application, 'blog'];
const policy = { drafts: false, bots: false };

type Event =
  | { kind: 'push'; number: number; head: string }
  | { kind: 'retarget'; number: number; base: string }
  | { kind: 'draft'; number: number; draft: boolean }
  | { kind: 'label'; number: number; on: boolean }
  | { kind: 'close'; number: number }
  | { kind: 'reopen'; number: number }
  /** `stale`: the base has moved on since the preview, so that other sources come out. */
  | { kind: 'merge'; number: number; stale: boolean }
  | { kind: 'again'; what: 'preview' | 'promotion'; which: number }
  | { kind: 'rollback' }
  | { kind: 'resume' }
  | { kind: 'sweep' }
  /** A run is killed, or cancelled. */
  | { kind: 'crash'; which: number };

const number = fc.integer({ min: 1, max: 3 });
const head = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const push = fc.record({ kind: fc.constant('push' as const), number, head });
const stale = fc.integer({ min: 0, max: 5 }).map((n) => n === 0);
const merge = fc.record({ kind: fc.constant('merge' as const), number, stale });

const again = fc.record({
  kind: fc.constant('again' as const),
  what: fc.constantFrom('preview' as const, 'promotion' as const),
  which: fc.nat({ max: 99 }),
});

const event: fc.Arbitrary<Event> = fc.oneof(
  { arbitrary: push, weight: 6 },
  { arbitrary: merge, weight: 6 },
  fc.record({ kind: fc.constant('retarget'), number, base: fc.constantFrom('main', 'next') }),
  fc.record({ kind: fc.constant('draft'), number, draft: fc.boolean() }),
  fc.record({ kind: fc.constant('label'), number, on: fc.boolean() }),
  fc.record({ kind: fc.constant('close'), number }),
  fc.record({ kind: fc.constant('reopen'), number }),
  { arbitrary: again, weight: 4 },
  { arbitrary: fc.constant({ kind: 'rollback' as const }), weight: 4 },
  fc.constant({ kind: 'resume' }),
  fc.constant({ kind: 'sweep' }),
);

const crash = fc.record({ kind: fc.constant('crash' as const), which: fc.nat({ max: 99 }) });

/** What happens, and how far the runs get until the next thing happens. */
const storyOf = (event: fc.Arbitrary<Event>) =>
  fc.noBias(
    fc.array(fc.record({ event, steps: fc.oneof(fc.nat({ max: 60 }), fc.constant(1000)) }), {
      minLength: 8,
      maxLength: 24,
      size: 'max',
    }),
  );

test('every pull request that wants a preview has it at its head, no other has one, and production only goes forwards to what is proven', async () => {
  const ends: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(storyOf(event), fc.infiniteStream(fc.nat({ max: 999 })), async (moments, choices) => {
      const life = new Life();
      await life.live(moments, choices);
      for (const end of life.ends()) ends[end] = (ends[end] ?? 0) + 1;
      expect(life.world.violations).toEqual([]);
      expect(life.found()).toEqual(life.wanted());
    }),
    bounds,
  );
  // Not one of these may be so rare that nothing is proven by it.
  const common = ['FL3008', 'FL3016', 'FL3017', 'FL3018', 'deployed', 'superseded', 'unchanged'];
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(common));
  expect(ends.deployed).toBeGreaterThan(100);
});

test('the same when runs are killed, once the last ones are repeated and the sweeper came', async () => {
  const events = fc.oneof({ arbitrary: event, weight: 5 }, { arbitrary: crash, weight: 1 });
  await fc.assert(
    fc.asyncProperty(storyOf(events), fc.infiniteStream(fc.nat({ max: 999 })), async (moments, choices) => {
      const life = new Life();
      await life.live(moments, choices);
      life.repeat();
      await life.live([], choices);
      expect(life.world.violations).toEqual([]);
      expect(life.found()).toEqual(life.wanted());
    }),
    bounds,
  );
});

/** A repository's life, in which each event wakes a run for each application. */
class Life {
  readonly world = new World();
  readonly #promotions: Process<PromoteResult>[] = [];
  /** What wakes a run once more, long after its event. */
  readonly #runs: Record<'preview' | 'promotion', (() => void)[]> = { preview: [], promotion: [] };

  constructor() {
    this.world.policy = policy;
    this.world.proof = 'required';
    this.world.broken.add('d on main');
    const smoke = { urls: [{ path: '/' }], timeout: '2s' };
    this.world.config = parseConfig(JSON.stringify({ environments: { production: { smoke } } }), 'fairlead.json');
  }

  /** Lets things happen and the runs go on in between, then waits for all of them. `choices` say which goes on. */
  async live(moments: readonly { event: Event; steps: number }[], choices: fc.Stream<number>): Promise<void> {
    const { world } = this;
    const choose = (count: number) => (choices.next().value ?? 0) % count;
    for (const { event, steps } of moments) {
      this.happen(event);
      for (let step = 0; step < steps && world.ready().length > 0; step++) {
        const ready = world.ready();
        await world.step(ready[choose(ready.length)]!);
      }
    }
    await world.settle(choose);
  }

  /** Wakes a run for every pull request as it is, and sweeps. */
  repeat(): void {
    for (const number of this.world.pullRequests.keys()) this.#change(number, {});
    this.happen({ kind: 'sweep' });
  }

  happen(event: Event): void {
    switch (event.kind) {
      case 'push':
        this.#change(event.number, { state: 'open', head: event.head });
        break;
      case 'retarget':
        this.#changeOpen(event.number, { base: event.base });
        break;
      case 'draft':
        this.#changeOpen(event.number, { draft: event.draft });
        break;
      case 'label':
        this.#changeOpen(event.number, { labels: event.on ? [previewLabel] : [] });
        break;
      case 'close':
        if (this.#isOpen(event.number)) this.#close(event.number);
        break;
      case 'reopen':
        if (this.world.pullRequests.has(event.number)) this.#change(event.number, { state: 'open' });
        break;
      case 'merge':
        if (this.#isOpen(event.number)) this.#merge(event.number, event.stale);
        break;
      case 'again':
        this.#again(this.#runs[event.what], event.which);
        break;
      case 'crash': {
        const alive = this.world.alive();
        if (alive.length > 0) this.world.crash(alive[event.which % alive.length]!);
        break;
      }
      case 'sweep':
        for (const of of applications) this.world.sweep(of);
        break;
      default:
        this.world[event.kind]();
    }
  }

  /** Environments of previews with the sources they shall run. */
  wanted(): string[] {
    const pulls = [...this.world.pullRequests.values()].filter((pull) => wantsPreview(pull, policy).wanted);
    return pulls.flatMap((pull) => applications.map((of) => `${keyOf(of, pull.number)} ${rootOf(of, pull)}`)).sort();
  }

  found(): string[] {
    const previews = [...this.world.environments.keys()].filter((key) => !key.endsWith('production'));
    return previews.map((key) => `${key} ${this.world.running(key)}`).sort();
  }

  ends(): string[] {
    return this.#promotions.map(({ value, error }) => value?.kind ?? String(error).match(/FL\d{4}/)?.[0] ?? 'nothing');
  }

  #isOpen(number: number): boolean {
    return this.world.pullRequests.get(number)?.state === 'open';
  }

  #changeOpen(number: number, change: Parameters<World['change']>[1]): void {
    if (this.#isOpen(number)) this.#change(number, change);
  }

  #change(number: number, change: Parameters<World['change']>[1]): void {
    const pull = this.world.change(number, { base: 'main', ...this.world.pullRequests.get(number), ...change });
    for (const of of applications) {
      const { head, base = 'main' } = pull;
      const root = this.#sources(of, head, rootOf(of, pull));
      this.#run('preview', () => this.world.wake(number, head, { root, base, of }));
    }
  }

  #close(number: number): void {
    for (const of of applications) this.world.close(number, of);
  }

  #merge(number: number, stale: boolean): void {
    const pull = this.world.pullRequests.get(number)!;
    const commit = `commit ${this.world.commits.length}`;
    this.world.commits.push(commit);
    this.#close(number);
    for (const of of applications) {
      const root = this.#sources(of, pull.head, stale ? `${rootOf(of, pull)} ${commit}` : rootOf(of, pull));
      const options = { pullRequest: number };
      this.#run('promotion', () => this.#promotions.push(this.world.promote(root, commit, options, undefined, of)));
    }
  }

  #run(what: 'preview' | 'promotion', run: () => void): void {
    this.#runs[what].push(run);
    run();
  }

  #again(runs: (() => void)[], which: number): void {
    runs[which % runs.length]?.();
  }

  /** One database through five heads: extended, extended in a way old code cannot live with, and rewritten. */
  #sources(of: string, head: string, root: string): string {
    const texts: Record<string, string[]> = {
      a: ['first'],
      b: ['first', 'second'],
      c: ['first', 'second', 'third!'],
      d: ['first', 'second'],
      e: ['first', 'other'],
    };
    const databases = [migrations(`orders-${head === 'b' ? 'b' : 'a'}`, ...texts[head]!)];
    this.world.sources.set(root, graphOf(root, { application: of, databases }));
    return root;
  }
}

function rootOf(of: string, { head, base = 'main' }: { head: string; base?: string }): string {
  return `${of === application ? '' : `${of} `}${head} on ${base}`;
}

function keyOf(of: string, pullRequest: number): string {
  return `${of === application ? '' : `${of}/`}pr-${pullRequest}`;
}
