import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  attemptsOf,
  holdOf,
  isHalfDestroyed,
  predecessorOf,
  releasesOf,
  rolloutsOf,
  unfinishedRollback,
} from '../../pipeline/history.ts';
import type { Deployment, Digest, Environment, Forge } from '../../pipeline/mod.ts';

export interface Harness {
  /** As one more process has it. */
  forge(): Forge;
  /** Opens another pull request. */
  open(details: { title: string }): Promise<{ number: number; head: string }>;
  /** Moves its head, and returns it. */
  push(number: number): Promise<string>;
  close(number: number): Promise<void>;
  /** Our comments as they stand. */
  comments(number: number): Promise<string[]>;
  /** Lets time pass on the forge's own clock, by milliseconds. */
  pass(milliseconds: number): void;
  dispose(): Promise<void>;
}

export const application = 'shop';

/** The suite that every forge passes, so that histories and pull requests mean the same whatever keeps them. */
export function describeForge(name: string, makeHarness: () => Promise<Harness>): void {
  describe(`the forge ${name}`, () => {
    let harness: Harness;
    let numbers = 0;
    let now = Date.parse('2026-11-02T09:00:00.000Z');
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness?.dispose());

    /** A name that no other test uses. */
    const staging = (): Environment => ({ application, name: `staging-${++numbers}`, type: 'development' });
    const pass = (milliseconds: number): string => {
      harness.pass(milliseconds);
      now += milliseconds;
      return new Date(now).toISOString();
    };
    const recording = (forge: Forge, environment: Environment) => {
      const recorded: Deployment[] = [];
      return {
        recorded,
        record: async (entry: Omit<Deployment, 'environment' | 'at'>) => {
          const whole = { environment, ...entry, at: pass(1500) };
          recorded.unshift(whole);
          await forge.record(whole);
        },
      };
    };

    test('knows a pull request from its opening to its end', async () => {
      const forge = harness.forge();
      const { number, head } = await harness.open({
        title: 'Sell <b>more</b> `shoes` \u202e <!-- fairlead:preview --> @ada',
      });
      expect(await forge.pullRequest(number)).toMatchObject({
        number,
        head,
        state: 'open',
        title: 'Sell <b>more</b> `shoes` \u202e <!-- fairlead:preview --> @ada',
      });
      const pushed = await harness.push(number);
      expect(pushed).not.toBe(head);
      expect(await forge.pullRequest(number)).toMatchObject({ head: pushed, state: 'open' });
      expect((await forge.openPullRequests()).map((one) => one.number)).toContain(number);
      await harness.close(number);
      expect(await forge.pullRequest(number)).toMatchObject({ number, state: 'closed' });
      expect((await forge.openPullRequests()).map((one) => one.number)).not.toContain(number);
      expect(await forge.pullRequest(999_999)).toBeUndefined();
    });

    test('lists open pull requests by their numbers', async () => {
      const opened = [await harness.open({ title: 'One' }), await harness.open({ title: 'Two' })];
      await harness.push(opened[0]!.number);
      const listed = (await harness.forge().openPullRequests()).map(({ number }) => number);
      expect(listed).toEqual([...listed].sort((a, b) => a - b));
      expect(listed).toEqual(expect.arrayContaining(opened.map(({ number }) => number)));
    });

    test('has one comment for a pull request, also of another process, also when it is closed', async () => {
      const { number } = await harness.open({ title: 'Talk' });
      expect(await harness.comments(number)).toEqual([]);
      await harness.forge().comment(number, '<!-- fairlead:preview -->\n\nfirst');
      await harness.forge().comment(number, '<!-- fairlead:preview -->\n\nsecond');
      await harness.forge().comment(number, '<!-- fairlead:preview -->\n\nsecond');
      expect(await harness.comments(number)).toEqual(['<!-- fairlead:preview -->\n\nsecond']);
      await harness.close(number);
      await harness.forge().comment(number, '<!-- fairlead:preview -->\n\nremoved');
      expect(await harness.comments(number)).toEqual(['<!-- fairlead:preview -->\n\nremoved']);
    });

    test('tells a whole history, newest first, with everything that was said', async () => {
      const { number } = await harness.open({ title: 'History' });
      const environment: Environment = { application, name: `pr-${number}`, type: 'preview', pullRequest: number };
      const forge = harness.forge();
      const { record, recorded } = recording(forge, environment);
      const entry = {
        action: 'preview',
        release: digest('a'),
        source: { hash: digest('b'), commit: 'c'.repeat(40) },
        review: { environment: 'production', against: digest('d'), changes: digest('e') },
      } as const;
      await record({ ...entry, status: 'started' });
      await record({ ...entry, status: 'success', url: 'https://pr-1.shop.example/?a=b#c' });
      await record({ action: 'preview', status: 'failure', reason: 'it does not build' });
      await record({ action: 'destroy', status: 'started' });
      await record({ action: 'destroy', status: 'failure', reason: 'a database is in use' });
      await record({ action: 'destroy', status: 'started' });
      await record({ action: 'destroy', status: 'success' });
      expect(await forge.deployments(environment)).toEqual(recorded);
      expect(await harness.forge().deployments(environment)).toEqual(recorded);
    });

    test('keeps what is known at the end only', async () => {
      const { number } = await harness.open({ title: 'Review' });
      const environment: Environment = { application, name: `pr-${number}`, type: 'preview', pullRequest: number };
      const forge = harness.forge();
      const { record, recorded } = recording(forge, environment);
      const entry = { action: 'preview', release: digest('a') } as const;
      const url = 'https://pr-1.shop.example/';
      await record({ ...entry, status: 'started' });
      await record({ ...entry, status: 'success', url, review: { environment: 'production', changes: digest('e') } });
      await record({ ...entry, status: 'started' });
      const environmentOfMostLetters = `s${'taging-'.repeat(5)}east`;
      const review = { environment: environmentOfMostLetters, against: digest('d'), changes: digest('f') };
      await record({ ...entry, status: 'success', url, review });
      await record({ ...entry, status: 'started', review });
      await record({ ...entry, status: 'success', url, review: { ...review, environment: 'production' } });
      await record({ ...entry, status: 'started', reason: 'a' });
      await record({ ...entry, status: 'success', url, reason: 'b' });
      const told = await harness.forge().deployments(environment);
      expect(told).toEqual(recorded);
    });

    test('keeps environments apart, and applications', async () => {
      const [one, two] = [staging(), staging()];
      const forge = harness.forge();
      await recording(forge, one).record({ action: 'promote', status: 'success', release: digest('a') });
      expect(await forge.deployments(two)).toEqual([]);
      expect(await harness.forge().deployments(two)).toEqual([]);
      expect(await forge.deployments(one)).toHaveLength(1);
    });

    test('an end that another process writes is an entry of its own', async () => {
      const environment = staging();
      const history = recording(harness.forge(), environment);
      await history.record({ action: 'rollback', status: 'started', release: digest('a'), reason: 'it is slow' });
      const later = recording(harness.forge(), environment);
      await later.record({ action: 'rollback', status: 'success', release: digest('a'), reason: 'it is slow' });
      const told = await harness.forge().deployments(environment);
      expect(told).toEqual([...later.recorded, ...history.recorded]);
    });

    test('a start without an end stays, whatever comes later', async () => {
      const environment = staging();
      const crashed = recording(harness.forge(), environment);
      await crashed.record({ action: 'rollback', status: 'started', release: digest('a') });
      expect(unfinishedRollback(await harness.forge().deployments(environment))).toEqual(crashed.recorded[0]);
      expect(holdOf(await harness.forge().deployments(environment))).toEqual(crashed.recorded[0]);
      const next = recording(harness.forge(), environment);
      await next.record({ action: 'promote', status: 'started', release: digest('b') });
      await next.record({ action: 'promote', status: 'failure', release: digest('b') });
      const told = await harness.forge().deployments(environment);
      expect(told).toEqual([...next.recorded, ...crashed.recorded]);
      expect(unfinishedRollback(told)).toBeUndefined();
    });

    test('a rollback holds until a resume', async () => {
      const environment = staging();
      const { record } = recording(harness.forge(), environment);
      const [a, b] = [digest('a'), digest('b')];
      for (const release of [a, b]) {
        await record({ action: 'promote', status: 'started', release });
        await record({ action: 'promote', status: 'success', release, url: 'http://localhost:4000/' });
      }
      const read = () => harness.forge().deployments(environment);
      expect(holdOf(await read())).toBeUndefined();
      expect(predecessorOf(await read(), b)).toBe(a);
      await record({ action: 'rollback', status: 'started', release: a, reason: 'b is slow' });
      await record({
        action: 'rollback',
        status: 'success',
        release: a,
        reason: 'b is slow',
        url: 'http://localhost:4000/',
      });
      expect(holdOf(await read())).toMatchObject({ release: a, status: 'success', reason: 'b is slow' });
      await record({ action: 'resume', status: 'success', reason: 'c is quick' });
      expect(holdOf(await read())).toBeUndefined();
      expect(releasesOf(await read())).toEqual([a, b]);
      await record({ action: 'rollback', status: 'started', release: b });
      await record({ action: 'rollback', status: 'failure', release: b });
      expect(holdOf(await read())).toBeUndefined();
    });

    test('a destruction ends what was before', async () => {
      const environment = staging();
      const { record } = recording(harness.forge(), environment);
      const read = () => harness.forge().deployments(environment);
      await record({ action: 'promote', status: 'started', release: digest('a') });
      await record({ action: 'promote', status: 'success', release: digest('a') });
      await record({ action: 'destroy', status: 'started' });
      expect(isHalfDestroyed(await read())).toBe(true);
      await record({ action: 'destroy', status: 'success' });
      expect(isHalfDestroyed(await read())).toBe(false);
      expect(releasesOf(await read())).toEqual([]);
    });

    test('finds where a release has run', async () => {
      const { number } = await harness.open({ title: 'Prove' });
      const preview: Environment = { application, name: `pr-${number}`, type: 'preview', pullRequest: number };
      const production = staging();
      const forge = harness.forge();
      const review = { environment: 'production', changes: digest('c') };
      const release = digest('f0');
      const first = recording(forge, preview);
      await first.record({ action: 'preview', status: 'started', release, review });
      await first.record({ action: 'preview', status: 'success', release, review, url: 'http://localhost:1/' });
      const second = recording(forge, production);
      await second.record({ action: 'promote', status: 'started', release });
      const other = recording(forge, production);
      await other.record({ action: 'promote', status: 'started', release: digest('f1') });
      expect(await harness.forge().deploymentsOf(application, release)).toEqual([
        ...second.recorded,
        ...first.recorded,
      ]);
      expect(await forge.deploymentsOf(application, digest('f2'))).toEqual([]);
    });

    test('a commit is the same as itself, and stands in no order to one that nobody knows', async () => {
      const forge = harness.forge();
      expect(await forge.compareCommits('a'.repeat(40), 'a'.repeat(40))).toBe('same');
      expect(await forge.compareCommits('a'.repeat(40), 'b'.repeat(40))).toBe('unrelated');
      expect(await forge.compareCommits('main; rm -rf /', '../../etc')).toBe('unrelated');
    });

    test('means the same, whatever happens in whatever order', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
          const environment = staging();
          const reference: Deployment[] = [];
          for (const { action, end, release, milliseconds, fresh } of happenings) {
            const begun = harness.forge();
            const what = { environment, action, ...(action !== 'destroy' && { release: digest(release) }) };
            const write = async (forge: Forge, status: Deployment['status']) => {
              const entry: Deployment = { ...what, status, at: pass(milliseconds) };
              reference.unshift(entry);
              await forge.record(entry);
            };
            if (end !== 'alone') await write(begun, 'started');
            if (end !== 'crash')
              await write(fresh ? harness.forge() : begun, end === 'failure' ? 'failure' : 'success');
          }
          const told = await harness.forge().deployments(environment);
          expect(told).toEqual(reference);
          for (const meaning of [holdOf, isHalfDestroyed, unfinishedRollback, rolloutsOf, releasesOf, attemptsOf]) {
            expect(meaning(told)).toEqual(meaning(reference));
          }
        }),
        { numRuns: 12, seed: 5 },
      );
    });
  });
}

const happening = fc.record({
  action: fc.constantFrom('promote' as const, 'rollback' as const, 'resume' as const, 'destroy' as const),
  end: fc.constantFrom('success' as const, 'failure' as const, 'crash' as const, 'alone' as const),
  release: fc.constantFrom('a', 'b', 'c'),
  milliseconds: fc.constantFrom(1, 400, 1000, 61_000),
  /** Whether the end is written by another process than the start. */
  fresh: fc.boolean(),
});

/** A digest that begins so. */
export function digest(hex: string): Digest {
  return `sha256:${hex.padEnd(64, '0')}`;
}
