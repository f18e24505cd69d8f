import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Graph } from '../../analyzer/graph.ts';
import { type Environment, type Release, type Settings, type Target, UserError } from '../../pipeline/mod.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type AppVersion, environmentOf, get, planOf, post, quiet, tinyGraph, until } from './tiny-app.ts';

export interface Harness {
  /** Works for nobody in particular. */
  target: Target;
  /** The same place, working for one repository, `owner/name`. */
  boundTo(repository: string): Target;
  /** Builds the version for both allocations and puts it where the target can reach it. */
  build(app: AppVersion, graph: Graph): Promise<Release>;
  /** What is really there of the environment, whatever the target says; empty when nothing is. */
  remains(environment: Environment): Promise<string[]>;
  /** Whether a new process takes the place of the old one, so that after a refusal the former release is started anew. @default false */
  replacesInPlace?: boolean;
  /** Removes everything, and fails when something is left behind. */
  dispose(): Promise<void>;
}

/** The suite every target passes. */
export function describeTarget(name: string, makeHarness: () => Promise<Harness>): void {
  describe(`the target ${name}`, () => {
    let harness: Harness;
    const used = new Map<string, Environment>();
    const use = (name: string): Environment => {
      const environment = environmentOf(name);
      used.set(name, environment);
      return environment;
    };
    const deploy = async (environment: Environment, app: AppVersion, settings?: Partial<Settings>) =>
      harness.target.apply(planOf(await harness.build(app, tinyGraph(app)), environment, settings), quiet);

    beforeAll(async () => {
      harness = await makeHarness();
      await harness.target.secrets.set('tiny', 'GREETING', 'hello', [{ type: 'preview' }]);
    });
    afterEach(async () => {
      for (const environment of used.values()) await harness.target.destroy(environment, quiet);
      used.clear();
    });
    afterAll(() => harness?.dispose());

    test('creates an environment, reads and lists it', async () => {
      const pr1 = use('pr-1');
      expect(await harness.target.read(pr1)).toBeUndefined();
      const outcome = await deploy(pr1, { version: 'one' });
      expect(outcome).toMatchObject({
        started: ['app'],
        kept: [],
        migrations: [{ database: 'notes', version: 1, name: 'init' }],
      });
      expect(await get(outcome.url, '/version')).toMatchObject({ version: 'one', environment: 'pr-1' });
      expect(await get(outcome.url, '/greeting')).toBe('hello');
      const read = await harness.target.read(pr1);
      expect(read).toMatchObject({
        environment: pr1,
        release: outcome.release,
        url: outcome.url,
        state: 'running',
        processes: [{ name: 'app', state: 'running' }],
      });
      expect(await harness.target.list('tiny')).toEqual([read]);
      expect(await harness.target.list('another')).toEqual([]);
    });

    test('updates it under the same URL, keeps its data and applies only new migrations', async () => {
      const pr1 = use('pr-1');
      const first = await deploy(pr1, { version: 'one' });
      await post(first.url, '/notes', 'kept');
      const second = await deploy(pr1, { version: 'two', migration: 'column' });
      expect(second.url).toBe(first.url);
      expect(second.migrations.map(({ version, name }) => [version, name])).toEqual([[2, 'column']]);
      expect((await harness.target.read(pr1))?.schema).toEqual({ notes: 2 });
      expect(await get(second.url, '/version')).toMatchObject({ version: 'two' });
      expect(await get(second.url, '/notes')).toEqual(['kept']);
    });

    test('leaves alone what has not changed', async () => {
      const pr1 = use('pr-1');
      const { url } = await deploy(pr1, { version: 'one' });
      const { pid } = (await get(url, '/version')) as { pid: number };
      expect(await deploy(pr1, { version: 'one' })).toMatchObject({ url, started: [], kept: ['app'], migrations: [] });
      expect(await get(url, '/version')).toMatchObject({ pid });
    });

    test('replaces per service, and kept processes still reach the replaced ones', async () => {
      const pr1 = use('pr-1');
      const settings = { processes: 'per-service' } as const;
      const first = await deploy(pr1, { version: 'one' }, settings);
      expect([...first.started].sort()).toEqual(['back', 'gateway', 'web']);
      const second = await deploy(pr1, { version: 'one', web: 'new' }, settings);
      expect(second).toMatchObject({ started: ['web'] });
      expect([...second.kept].sort()).toEqual(['back', 'gateway']);
      expect(await get(second.url, '/version')).toMatchObject({ version: 'one', web: 'new' });
      expect(await get(second.url, '/back')).toMatchObject({ version: 'one' });
    });

    test('moves between allocations without losing data or permissions', async () => {
      const pr1 = use('pr-1');
      await post((await deploy(pr1, { version: 'one' })).url, '/notes', 'kept');
      const apart = await deploy(pr1, { version: 'one' }, { processes: 'per-service' });
      expect(await get(apart.url, '/notes')).toEqual(['kept']);
      await post(apart.url, '/notes', 'more');
      const together = await deploy(pr1, { version: 'one' });
      expect(await get(together.url, '/notes')).toEqual(['kept', 'more']);
    });

    test.each([
      ['does not answer', { version: 'two', health: 'never' }, /app.*did not answer within 500 ms/s],
      ['exits', { version: 'two', health: 'exits' }, /app.*code 3.*cannot go on/s],
      ['has a migration that fails', { version: 'two', migration: 'mistake' }, /notes.*syntax error/s],
    ] as const)('refuses a release that %s, and the former one keeps answering', async (_, app, message) => {
      const pr1 = use('pr-1');
      const { url, release } = await deploy(pr1, { version: 'one' });
      const { pid } = (await get(url, '/version')) as { pid: number };
      const refused = await deploy(pr1, app, {
        healthTimeout: app.version === 'two' && 'health' in app ? 500 : 20_000,
      }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UserError);
      expect((refused as UserError).message).toMatch(message);
      expect(await get(url, '/version')).toMatchObject({ version: 'one', ...(!harness.replacesInPlace && { pid }) });
      expect(await harness.target.read(pr1)).toMatchObject({ release, url, state: 'running' });
      expect(await deploy(pr1, { version: 'three' })).toMatchObject({ url });
    });

    test('a first release that is refused leaves nothing running', async () => {
      const pr1 = use('pr-1');
      await expect(deploy(pr1, { version: 'one', health: 'exits' })).rejects.toBeInstanceOf(UserError);
      const read = await harness.target.read(pr1);
      expect(read).toMatchObject({ state: 'incomplete', processes: [] });
      expect(read).not.toHaveProperty('release');
      const { url } = await deploy(pr1, { version: 'two' });
      expect(await get(url, '/version')).toMatchObject({ version: 'two' });
    });

    test('says all missing secrets at once, before anything changes', async () => {
      const production = environmentOf('production', 'production');
      const graph = tinyGraph({ version: 'one' });
      const secret = { name: 'ANOTHER', position: { file: 'web/web.ts', line: 9, column: 1 } };
      const app = { ...graph, secrets: [secret, ...graph.secrets] };
      const plan = planOf(await harness.build({ version: 'one' }, app), production);
      const error = (await harness.target.apply(plan, quiet).catch((error: unknown) => error)) as UserError;
      expect(error).toBeInstanceOf(UserError);
      expect(error.diagnostics.map(({ message }) => message)).toEqual([
        expect.stringContaining('ANOTHER'),
        expect.stringContaining('GREETING'),
      ]);
      expect(error.diagnostics[0]!.position).toEqual(secret.position);
      expect(await harness.target.read(production)).toBeUndefined();
      expect(await harness.remains(production)).toEqual([]);
    });

    test('a secret of the environment wins over the one of its type', async () => {
      const pr1 = use('pr-1');
      const { secrets } = harness.target;
      await secrets.set('tiny', 'GREETING', 'bonjour', [{ environment: 'pr-1' }]);
      try {
        const { url } = await deploy(pr1, { version: 'one' });
        expect(await get(url, '/greeting')).toBe('bonjour');
        expect(await secrets.list('tiny')).toMatchObject([
          { name: 'GREETING', scopes: [{ type: 'preview' }, { environment: 'pr-1' }] },
        ]);
        expect(await secrets.missing(pr1, ['GREETING', 'B', 'A'])).toEqual(['A', 'B']);
      } finally {
        await secrets.remove('tiny', 'GREETING', [{ environment: 'pr-1' }]);
      }
      const { url, started } = await deploy(pr1, { version: 'one' });
      expect(started).toEqual(['app']);
      expect(await get(url, '/greeting')).toBe('hello');
    });

    test('a secret goes, once more or not, and can be set again', async () => {
      const { secrets } = harness.target;
      const production = environmentOf('production', 'production');
      const scopes = [{ type: 'production' as const }];
      await secrets.remove('tiny', 'FAREWELL', scopes);
      await secrets.set('tiny', 'FAREWELL', 'bye', scopes);
      for (let times = 0; times < 2; times++) await secrets.remove('tiny', 'FAREWELL', scopes);
      expect(await secrets.missing(production, ['FAREWELL'])).toEqual(['FAREWELL']);
      await secrets.set('tiny', 'FAREWELL', 'adieu', scopes);
      expect(await secrets.missing(production, ['FAREWELL'])).toEqual([]);
      await secrets.remove('tiny', 'FAREWELL', scopes);
    });

    test('gives an isolated environment no secret, and does not ask whether there is one', async () => {
      const fork = use('pr-9');
      const app = { version: 'one' };
      const graph = tinyGraph(app);
      const another = { name: 'ANOTHER', position: graph.secrets[0]!.position };
      const release = await harness.build(app, { ...graph, secrets: [another, ...graph.secrets] });
      const plan = planOf(release, fork, {}, { isolated: true });
      expect(plan.secrets.map(({ name }) => name)).toEqual(['ANOTHER', 'GREETING']);
      const { url } = await harness.target.apply(plan, quiet);
      expect(await get(url, '/version')).toMatchObject({ version: 'one' });
      const seen = JSON.stringify([await get(url, '/config'), await get(url, '/environment')]);
      expect(seen).not.toContain('hello');
      expect(seen).not.toContain('GREETING');
      const whole = await deploy(fork, app);
      expect(await get(whole.url, '/greeting')).toBe('hello');
    });

    test('has the new release tried out while it answers, and passes on what is wrong with it', async () => {
      const pr1 = use('pr-1');
      const tried: unknown[] = [];
      const verify = async (url: string) => {
        tried.push(await get(url, '/version'));
      };
      const one = planOf(await harness.build({ version: 'one' }, tinyGraph({ version: 'one' })), pr1);
      await harness.target.apply(one, quiet, { verify });
      await harness.target.apply(one, quiet, { verify });
      expect(tried).toMatchObject([{ version: 'one' }, { version: 'one' }]);
      const two = planOf(await harness.build({ version: 'two' }, tinyGraph({ version: 'two' })), pr1);
      const wrong = new Error('it is not what it should be');
      const refused = harness.target.apply(two, quiet, { verify: () => Promise.reject(wrong) });
      await expect(refused).rejects.toBe(wrong);
      const back = await harness.target.apply(one, quiet, { verify });
      expect(await get(back.url, '/version')).toMatchObject({ version: 'one' });
      expect(await harness.target.read(pr1)).toMatchObject({ release: one.release.digest, state: 'running' });
    });

    test('for a repository, sees and touches only what was put up for it', async () => {
      const [ours, theirs] = [harness.boundTo('ada/shop'), harness.boundTo('eve/shop')];
      const pr1 = use('pr-1');
      const plan = async (environment: Environment, version = 'one') =>
        planOf(await harness.build({ version }, tinyGraph({ version })), environment);
      const { url } = await ours.apply(await plan(pr1), quiet);
      expect(await ours.read(pr1)).toMatchObject({ repository: 'ada/shop', state: 'running' });
      expect((await ours.list('tiny')).map(({ environment }) => environment.name)).toEqual(['pr-1']);
      expect(await theirs.list('tiny')).toEqual([]);
      expect(await theirs.list()).toEqual([]);

      // The owner's name is in what is refused; also of an environment that is not there yet, since it would get their secrets.
      const touches: Record<string, () => Promise<unknown>> = {
        read: () => theirs.read(pr1),
        apply: async () => theirs.apply(await plan(pr1, 'two'), quiet),
        'apply beside it': async () => theirs.apply(await plan(use('pr-2')), quiet),
        destroy: () => theirs.destroy(pr1, quiet),
        logs: () => collect(theirs.logs(pr1, { follow: false })),
        trigger: () => theirs.trigger(pr1, 'tick'),
      };
      for (const [name, touch] of Object.entries(touches)) {
        const error = await touch().catch((thrown: unknown) => thrown);
        expect({ name, error: String(error) }).toEqual({ name, error: expect.stringMatching(/ada\/shop, not to eve/) });
        expect(error).toBeInstanceOf(UserError);
      }
      expect(await get(url, '/version')).toMatchObject({ version: 'one' });
      expect(await harness.remains(environmentOf('pr-2'))).toEqual([]);

      // Whoever uses the place itself may do everything, and does not take it away from them.
      expect((await harness.target.list('tiny')).map(({ repository }) => repository)).toEqual(['ada/shop']);
      await harness.target.apply(await plan(pr1, 'three'), quiet);
      expect(await harness.boundTo('Ada/Shop').read(pr1)).toMatchObject({ repository: 'ada/shop' });
      expect((await ours.destroy(pr1, quiet)).left).toEqual([]);
    });

    test('for a repository, leaves alone what a person put up', async () => {
      const pr1 = use('pr-1');
      await deploy(pr1, { version: 'one' });
      const bound = harness.boundTo('ada/shop');
      expect(await bound.list()).toEqual([]);
      await expect(bound.read(pr1)).rejects.toThrow(/put up by hand/);
      await expect(bound.destroy(pr1, quiet)).rejects.toBeInstanceOf(UserError);
      expect(await harness.target.read(pr1)).not.toHaveProperty('repository');
    });

    test('puts environments side by side, each with its own data', async () => {
      const [one, two] = await Promise.all([
        deploy(use('pr-1'), { version: 'one' }),
        deploy(use('pr-2'), { version: 'two' }),
      ]);
      expect(one.url).not.toBe(two.url);
      await post(one.url, '/notes', 'mine');
      expect(await get(two.url, '/notes')).toEqual([]);
      expect(await get(two.url, '/version')).toMatchObject({ version: 'two', environment: 'pr-2' });
      await harness.target.destroy(environmentOf('pr-2'), quiet);
      expect(await get(one.url, '/notes')).toEqual(['mine']);
      expect((await harness.target.list('tiny')).map(({ environment }) => environment.name)).toEqual(['pr-1']);
    });

    test('destroys every trace, twice as well as once, and starts afresh afterwards', async () => {
      const pr1 = use('pr-1');
      const { url } = await deploy(pr1, { version: 'one' });
      await post(url, '/notes', 'gone');
      const destroyed = await harness.target.destroy(pr1, quiet);
      expect(destroyed.left).toEqual([]);
      expect(destroyed.removed).not.toEqual([]);
      expect(await harness.remains(pr1)).toEqual([]);
      expect(await harness.target.read(pr1)).toBeUndefined();
      await expect(get(url, '/version')).rejects.toThrow();
      expect(await harness.target.destroy(pr1, quiet)).toEqual({ removed: [], left: [] });
      const again = await deploy(pr1, { version: 'one' });
      expect(await get(again.url, '/notes')).toEqual([]);
    });

    test('lets no process read what only another one needs', async () => {
      const { url } = await deploy(use('pr-1'), { version: 'one' }, { processes: 'per-service' });
      expect(await get(url, '/notes')).toEqual([]);
      const config = (await get(url, '/config')) as InfraConfig;
      const { host, databases } = config.sql_servers![0]!;
      const query = new URLSearchParams({
        database: databases.notes!.name!,
        host,
        user: String(databases.notes!.username),
      });
      expect(await get(url, `/back/intrusion?${query}`)).toMatchObject({
        notes: expect.stringMatching(/permission denied|password authentication failed/),
        greeting: null,
      });
    });

    test('gives the last lines of the logs, and follows them', async () => {
      const pr1 = use('pr-1');
      const { url } = await deploy(pr1, { version: 'one' });
      await get(url, '/log?line=first');
      await get(url, '/log?line=second');
      const stop = new AbortController();
      const lines = harness.target
        .logs(pr1, { follow: true, process: 'app', tail: 1, signal: stop.signal })
        [Symbol.asyncIterator]();
      await until(async () =>
        (await collect(harness.target.logs(pr1, { follow: false, process: 'app' }))).includes('second'),
      );
      expect(await lines.next()).toEqual({ done: false, value: { process: 'app', text: 'second' } });
      const next = lines.next();
      await get(url, '/log?line=third');
      expect(await next).toEqual({ done: false, value: { process: 'app', text: 'third' } });
      stop.abort();
      expect(await lines.next()).toMatchObject({ done: true });
    });

    test('runs a cron job now, and says when it fails or is not there', async () => {
      const pr1 = use('pr-1');
      const { url } = await deploy(pr1, { version: 'one' });
      expect(await get(url, '/ticks')).toBe(0);
      await harness.target.trigger(pr1, 'tick');
      expect(await get(url, '/ticks')).toBe(1);
      await expect(harness.target.trigger(pr1, 'broken')).rejects.toThrow(/broken.*500/);
      await expect(harness.target.trigger(pr1, 'nothing')).rejects.toBeInstanceOf(UserError);
    });
  });
}

async function collect(lines: AsyncIterable<{ text: string }>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of lines) texts.push(text);
  return texts;
}
