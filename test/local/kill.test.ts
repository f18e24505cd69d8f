import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AppVersion, environmentOf, get, planOf, post, quiet, tinyGraph, until } from '../conformance/tiny-app.ts';
import type { ApplyArguments } from './support/apply.ts';
import { type LocalHarness, makeLocalHarness } from './support/harness.ts';

const program = fileURLToPath(new URL('support/apply.ts', import.meta.url));
const environment = environmentOf('pr-1');
let harness: LocalHarness;

beforeAll(async () => {
  harness = await makeLocalHarness();
  await harness.target.secrets.set('tiny', 'GREETING', 'hello', [{ type: 'preview' }]);
});
afterAll(() => harness?.dispose());

async function run(options: Pick<ApplyArguments, 'app' | 'die' | 'destroy'>): Promise<'killed' | 'finished'> {
  const argument: ApplyArguments = {
    stateDirectory: harness.stateDirectory,
    images: join(harness.stateDirectory, '..', 'images'),
    environment,
    ...options,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (child.signalCode === 'SIGKILL') return 'killed';
  if (child.exitCode !== 0 || !output.startsWith('finished')) throw new Error(`apply failed: ${errors}`);
  return 'finished';
}

const apply = (app: AppVersion) =>
  harness.target.apply(planOf(harness.store.build(app, tinyGraph(app)), environment), quiet);

/** Milliseconds: each of these puts an environment up many times. */
const patience = 180_000;

/** PostgreSQL, databases, migrations, grants, processes, and what is no longer needed. */
const steps = [0, 1, 2, 3, 4, 5];

test(
  'a command that is killed before any step of a first deployment is continued by the next one',
  async () => {
    for (const step of steps) {
      expect(await run({ app: { version: 'one' }, die: { step, when: 'before' } })).toBe('killed');
      expect(await harness.target.read(environment)).toMatchObject({ state: 'incomplete' });
      const { url } = await apply({ version: 'one' });
      expect(await harness.target.read(environment)).toMatchObject({ state: 'running', url });
      await post(url, '/notes', 'written');
      expect(await get(url, '/notes')).toEqual(['written']);
      await harness.target.destroy(environment, quiet);
      expect(await harness.remains(environment)).toEqual([]);
    }
  },
  patience,
);

test(
  'what a command left that was killed in the middle of a step can be destroyed, also by one that is killed',
  async () => {
    for (const step of steps) {
      await run({ app: { version: 'one' }, die: { step, when: 'during' } });
      await run({ app: { version: 'one' }, destroy: true, die: { step: step % 2, when: 'during' } });
      expect(await harness.target.destroy(environment, quiet)).toMatchObject({ left: [] });
      // A supervisor that was about to start ends once it sees that there is no environment.
      await until(async () => (await harness.remains(environment)).length === 0);
      expect(await harness.target.read(environment)).toBeUndefined();
    }
  },
  patience,
);

test(
  'while an update is killed the environment answers, and the next command brings the update',
  async () => {
    const { url } = await apply({ version: 'one' });
    await post(url, '/notes', 'kept');
    for (const step of [2, 4, 5]) {
      const app: AppVersion = { version: `killed at ${step}`, migration: 'column' };
      await run({ app, die: { step, when: 'during' } });
      expect(await get(url, '/notes')).toEqual(['kept']);
      await apply(app);
      expect(await get(url, '/version')).toMatchObject({ version: app.version });
      expect(await harness.target.read(environment)).toMatchObject({ state: 'running' });
    }
  },
  patience,
);
