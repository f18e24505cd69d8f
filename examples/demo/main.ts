// `npm run demo`: the life of a pull request, on a real git repository, with the real command line, on this machine.
// With `--target aws-fake`, in an account of AWS that is a fake, with real containers, databases and queues.
// With `--keep`, production stays up at the end.
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { Fairlead } from './fairlead.ts';
import { Machine } from './machine.ts';
import { difference, type Place } from './place.ts';
import { Repository } from './repository.ts';
import type { Stage } from './stage.ts';
import { story } from './story.ts';
import { Telling } from './telling.ts';

const { values: options } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, target: { type: 'string', default: 'local' } },
});
if (options.target !== 'local' && options.target !== 'aws-fake') {
  console.error(`--target is local or aws-fake, not ${options.target}`);
  process.exit(2);
}
if (options.keep && options.target !== 'local') {
  console.error('--keep is for the target local: the fake goes with the demo');
  process.exit(2);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!interruption.signal.aborted) console.error('\nStopping, and removing what is there …');
    interruption.abort(signal);
  });
}

const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-demo-')));
// PostgreSQL runs as another user when we are root, and must be able to pass through.
await chmod(home, 0o711);
const application = join(home, 'shop');
const state = join(home, 'state');
const setting = await (options.target === 'local' ? onThisMachine() : inFakeAccount());
const { place } = setting;
const telling = new Telling();
let failed = true;
try {
  await tell();
  failed = false;
} catch (error) {
  if (!interruption.signal.aborted) {
    report(error);
    await showTrouble();
  }
}
try {
  if (options.keep && !failed) await sayHowToStop();
  else await leaveNothing();
} catch (error) {
  failed = true;
  report(error);
  console.error(`\nWhat is left is in ${home}`);
}
await setting.dispose();
if (!failed) console.log(`\n${telling.summary()}`);
const { aborted, reason } = interruption.signal;
process.exitCode = aborted ? 128 + constants.signals[reason as NodeJS.Signals] : failed ? 1 : 0;

/** Where the story is played. */
interface Setting {
  place: Place;
  /** Of every command. */
  env: Record<string, string>;
  /** What `fairlead.json` of the shop says besides. */
  settings: object;
  /** What is left when every environment is gone, and has to go, too: arguments of commands. */
  leftovers: string[][];
  dispose(): Promise<void>;
}

async function onThisMachine(): Promise<Setting> {
  return { place: new Machine(state), env: {}, settings: {}, leftovers: [], dispose: async () => {} };
}

async function inFakeAccount(): Promise<Setting> {
  const { makeFakeAws } = await import('../../test/fakes/aws/fake.ts');
  const { Account } = await import('./account.ts');
  const aws = await makeFakeAws({ containers: 'real' });
  return {
    place: new Account(aws),
    env: { ...aws.env, FAIRLEAD_CLOUD: 'aws' },
    // The fake's containers find Node on this machine.
    settings: { target: 'aws', build: { base: 'scratch' } },
    leftovers: ['preview', 'production'].map((type) => ['destroy', '--foundation', type, '--yes']),
    dispose: () => aws.dispose(),
  };
}

async function tell(): Promise<void> {
  const { signal } = interruption;
  const repository = await Repository.create(
    application,
    fileURLToPath(new URL('../shop', import.meta.url)),
    setting.settings,
  );
  const fairlead = new Fairlead(application, state, { env: setting.env, signal });
  const stage: Stage = { repository, fairlead, place, telling, memory: {} };
  for (const { title, play } of story) {
    signal.throwIfAborted();
    await telling.step(title, () => play(stage));
  }
}

async function sayHowToStop(): Promise<void> {
  const { url } = await new Fairlead(application, state, { env: setting.env }).environment('production');
  const bin = fileURLToPath(new URL('../../cli/bin.js', import.meta.url));
  console.log(`
Production is running at ${styleText('cyan', url ?? '')}, from the repository ${application}

   curl ${url}/orders/1
   node ${bin} -C ${application} --state-dir ${state} status

Stop and remove it:

   node ${bin} -C ${application} --state-dir ${state} destroy --env production --yes && rm -r ${home}`);
}

/** Removes every environment, makes sure that nothing of them is left, and removes our own files. */
async function leaveNothing(): Promise<void> {
  if (existsSync(state)) {
    // Without the signal of the interruption: this has to come to its end.
    const fairlead = new Fairlead(application, state, { env: setting.env });
    for (const { environment } of await fairlead.environments()) {
      await fairlead.succeed(['destroy', '--env', environment.name, '--yes']);
    }
    for (const args of setting.leftovers) await fairlead.succeed(args);
    console.log();
    telling.expect(
      `everything is destroyed, and nothing of it is left on ${place.name}`,
      difference(await place.traces([]), {}),
      {},
    );
  }
  await rm(home, { recursive: true });
}

/** What the application itself complained about, as far as that can be had. */
async function showTrouble(): Promise<void> {
  if (!existsSync(state)) return;
  const fairlead = new Fairlead(application, state, { env: setting.env });
  for (const { environment } of await fairlead.environments()) {
    const { stdout } = await fairlead.run(['logs', '--env', environment.name]);
    const errors = stdout.split('\n').filter((line) => line.includes('"level":"error"'));
    if (errors.length > 0) telling.show(`Errors in the log of ${environment.name}:`, errors.slice(-5).join('\n'));
  }
}

function report(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`\n${styleText('red', '✖')} ${text}`);
}
