import fc from 'fast-check';
import type { Pull } from '../fakes/github/model/pulls.ts';
import type { Files } from '../harness/model.ts';
import { randomFrom } from './random.ts';
import { type Scenario, scenario } from './scenario.ts';

/** What somebody does, or what goes wrong. `which` chooses among what there is. */
export interface Deed {
  kind: string;
  which: number;
  /** Seconds until the next one. */
  after: number;
}

type Act = (story: Scenario, which: number) => void;

/** What people and their bots do. Nothing happens where it cannot. */
const deeds: Record<string, Act> = {
  open: ({ repository }) => void repository.pulls.open(),
  'open a draft': ({ repository }) => void repository.pulls.open({ draft: true }),
  'open as a bot': ({ repository }) => void repository.pulls.open({ by: 'renovate[bot]' }),
  'open as Dependabot': ({ repository }) => void repository.pulls.open({ by: 'dependabot[bot]' }),
  'open from a fork': ({ repository, github }) => {
    const fork = github.world.repository('eve/shop') ?? github.world.fork(repository, 'eve');
    repository.pulls.open({ from: fork, by: 'eve', head: `theirs-${repository.pulls.list().length}` });
  },
  'open on another': (story, which) => {
    const below = pick(open(story), which);
    if (below && !story.repository.pulls.isFromFork(below)) story.repository.pulls.open({ base: below.head.ref });
  },
  'label a fork': onFork((pull, { repository }) => repository.pulls.label(pull.number, 'fairlead:preview')),
  'push to a fork': onFork((pull, { repository }) => void repository.pulls.push(pull.number)),
  push: on((pull, { repository }) => void repository.pulls.push(pull.number)),
  'push twice': on((pull, { repository }) => {
    repository.pulls.push(pull.number);
    repository.pulls.push(pull.number);
  }),
  'force-push': on((pull, { repository }) => void repository.pulls.forcePush(pull.number)),
  close: on((pull, { repository }) => repository.pulls.close(pull.number)),
  'close and reopen': on((pull, { repository }) => {
    repository.pulls.close(pull.number);
    repository.pulls.reopen(pull.number);
  }),
  reopen: ({ repository }, which) => {
    const closed = repository.pulls
      .list()
      .filter((pull) => pull.state === 'closed' && !pull.merged && hasBranch(pull, repository));
    const pull = pick(closed, which);
    if (pull) repository.pulls.reopen(pull.number);
  },
  draft: on((pull, { repository }) => repository.pulls.draft(pull.number, true)),
  ready: on((pull, { repository }) => repository.pulls.draft(pull.number, false)),
  'label as somebody who may not': on((pull, { repository }) =>
    repository.pulls.label(pull.number, 'fairlead:preview', 'tim'),
  ),
  label: on((pull, { repository }) => {
    repository.pulls.label(pull.number, 'fairlead:preview');
  }),
  unlabel: on((pull, { repository }) => void repository.pulls.unlabel(pull.number, 'fairlead:preview')),
  'label otherwise': on((pull, { repository }) => repository.pulls.label(pull.number, 'bug')),
  rename: on((pull, { repository }) => repository.pulls.rename(pull.number, `Title ${pull.title.length}`)),
  conflict: on((pull, { repository }) => repository.pulls.conflict(pull.number)),
  'end the conflict': on((pull, { repository }) => repository.pulls.conflict(pull.number, false)),
  retarget: on((pull, { repository }) => {
    if (!repository.branches.has('develop')) repository.branch('develop');
    repository.pulls.retarget(pull.number, pull.base.ref === 'develop' ? 'main' : 'develop');
  }),
  'rename its branch': on((pull, { repository }) => {
    if (!repository.pulls.isFromFork(pull)) repository.renameBranch(pull.head.ref, `${pull.head.ref}-renamed`);
  }),
  'delete its branch': on((pull, { repository }) => {
    if (!repository.pulls.isFromFork(pull)) repository.deleteBranch(pull.head.ref);
  }),
  'delete the fork': ({ github }) => {
    const fork = github.world.repository('eve/shop');
    if (fork) github.world.deleteRepository(fork);
  },
  'push what does not build': on((pull, { repository, trees }) => {
    // Until the next push to the same branch.
    const sha = repository.pulls.push(pull.number);
    trees.change(sha, { 'src/broken.ts': 'broken' });
  }),
  'push what does not start': on((pull, { repository, cloud }) => {
    cloud.unhealthy.add(repository.pulls.push(pull.number));
  }),
  merge: on((pull, { repository }) => {
    if (!pull.draft && !pull.conflicted) repository.pulls.merge(pull.number);
  }),
  'push to main': ({ repository }) => void repository.push('main'),
  'roll back': (story) => story.rollback(),
  resume: (story) => story.resume(),
  sweep: (story) => story.sweep(),
};

/** What goes wrong. */
const troubles: Record<string, Act> = {
  'cancel a run': ({ platform }, which) => {
    const run = pick(platform.active, which);
    if (run) platform.cancel(run);
  },
  'run again': ({ platform }, which) => again(platform, which, false),
  'run what failed again': ({ platform }, which) => again(platform, which, true),
  'lose a runner': ({ platform }, which) => {
    const job = pick(platform.jobs('running'), which);
    if (job) platform.crash(job);
  },
  'drop a connection': ({ github }, which) => github.faults.add({ after: which % 7, how: 'drop' }),
  'lose an answer': ({ github }, which) => github.faults.add({ after: which % 7, how: 'lose' }),
  'lose an answer to a write': ({ github }, which) =>
    github.faults.add({ method: 'POST', after: which % 3, how: 'lose' }),
  'answer with 502': ({ github }, which) => github.faults.add({ after: which % 7, how: { status: 502 } }),
  'four weeks': (story) => {
    story.clock.time += 28 * 86_400_000;
  },
  'leave something behind': ({ cloud }) => {
    cloud.failingDestructions++;
  },
};

export const calm = Object.keys(deeds);
export const troubled = [...calm, ...Object.keys(troubles)];

/** What there is to do on pull requests of forks; `open` and others are in every story. */
export const onForks = [
  ...[
    'open from a fork',
    'open from a fork',
    'label a fork',
    'label a fork',
    'label as somebody who may not',
    'unlabel',
  ],
  ...['push to a fork', 'delete the fork', 'sweep', 'close and reopen'],
];

/** Stories of some of these; most deeds come while something of the one before still runs. */
export function storiesOf(kinds: string[], length: number): fc.Arbitrary<{ deeds: Deed[]; seed: number }> {
  // Without anything open most deeds are none, so that stories begin with one.
  const kind = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('open', 'push', 'close', 'merge') },
    { weight: 3, arbitrary: fc.constantFrom(...kinds) },
  );
  const deed = fc.record({
    kind,
    which: fc.nat({ max: 999 }),
    after: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 300 })),
  });
  return fc.record({
    deeds: fc
      .array(deed, { minLength: 2, maxLength: length, size: 'max' })
      .map((rest) => [{ kind: 'open', which: 0, after: 60 }, ...rest]),
    seed: fc.nat(),
  });
}

/** Plays a story to the end of all runs that it started. */
export async function play(
  { deeds: all, seed }: { deeds: Deed[]; seed: number },
  options: Parameters<typeof scenario>[0] = {},
): Promise<Scenario> {
  const random = randomFrom(seed);
  // A touch of the world takes a moment, a runner or an event up to half a minute.
  const delay = (label: string) => 100 + random(label === 'event' || label === 'runner' ? 30_000 : 3_000);
  const first = random(2) === 0 ? 'group' : 'review';
  const review = () => ({ minutes: random(60), verdict: random(8) === 0 ? ('reject' as const) : ('approve' as const) });
  const unproven = random(2) === 0;
  const story = await scenario({ delay, first, review, ...(unproven && { templates: withoutProof }), ...options });
  if (random(2) === 0) story.repository.environments.set('production', { reviewers: ['ada'] });
  story.repository.push('main');
  for (const { kind, which, after } of all) {
    (deeds[kind] ?? troubles[kind])!(story, which);
    await story.platform.settle(story.clock.time + after * 1000);
  }
  await story.platform.settle();
  return story;
}

/** Production takes what no preview has run. */
function withoutProof(files: Files): Files {
  const file = '.github/workflows/production.yml';
  return { ...files, [file]: `${files[file]!.trimEnd()}\n      proof: preferred\n` };
}

/** As somebody who looks after it: what is red runs again, once everything is quiet; then the sweeper comes. */
export async function lookAfter(story: Scenario, { rerun }: { rerun: boolean }): Promise<void> {
  const { platform, github, cloud } = story;
  github.faults.clear();
  cloud.failingDestructions = 0;
  if (rerun) {
    for (const run of platform.runs.slice()) {
      const young = platform.clock.time - run.created < 30 * 86_400_000;
      if (young && (run.conclusion === 'failure' || run.conclusion === 'cancelled')) {
        platform.rerun(run);
        await platform.settle();
      }
    }
  }
  story.sweep();
  await platform.settle();
}

function again(platform: Scenario['platform'], which: number, failed: boolean): void {
  const young = (created: number) => platform.clock.time - created < 30 * 86_400_000;
  const done = platform.runs.filter(({ conclusion, created }) => conclusion !== undefined && young(created));
  const run = pick(done, which);
  if (run) platform.rerun(run, { failed });
}

function on(act: (pull: Pull, story: Scenario) => void): Act {
  return (story, which) => {
    const pull = pick(open(story), which);
    if (pull) act(pull, story);
  };
}

function onFork(act: (pull: Pull, story: Scenario) => void): Act {
  return (story, which) => {
    const pull = pick(
      open(story).filter((one) => story.repository.pulls.isFromFork(one)),
      which,
    );
    if (pull) act(pull, story);
  };
}

function open({ repository }: Scenario): Pull[] {
  return repository.pulls.list().filter((pull) => pull.state === 'open' && hasBranch(pull, repository));
}

function hasBranch(pull: Pull, repository: Scenario['repository']): boolean {
  return repository.pulls.headRepository(pull)?.branches.has(pull.head.ref) ?? false;
}

function pick<T>(all: readonly T[], which: number): T | undefined {
  return all[which % Math.max(all.length, 1)];
}
