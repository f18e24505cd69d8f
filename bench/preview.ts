import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort, passingPorts } from '../local/free-port.ts';
import { openKeys } from '../local/keys.ts';
import { openState } from '../local/state.ts';
import type { InfraConfig } from '../runtime/wire.ts';
import { type Sample, sampleOf } from './sample.ts';
import { copyShop, type Shop } from './shop.ts';

export interface PreviewFigures {
  /** From the start of `fairlead preview` until the new release answers. */
  push: Sample;
  /** Of the push: from the sources to images, the start of the command included. */
  build: Sample;
  /** Of the push: bringing the databases up to the release. */
  migrations: Sample;
  /** Plain Node with the bundle that was just deployed, until it answers. */
  node: Sample;
  /** What the push consists of, in order. */
  phases: { name: string; sample: Sample }[];
  /** The push without its migrations, over plain Node. */
  ratio: number;
  /** The same without the build: what the deployment of images costs. */
  deployRatio: number;
  goal: number;
}

const pullRequest = 1;
const environment = { application: 'shop', name: `pr-${pullRequest}` };
const migrating = 'Apply migrations';
const building = 'Bundle';
const switching = 'Replace processes';

/** Pushes to a preview that is up, each with a change of the code and a migration, in turn with plain Node. */
export async function measurePreview(rounds: number): Promise<PreviewFigures> {
  await using shop = await copyShop();
  await shop.fairlead(['secret', 'set', 'MailApiKey', '--type', 'preview'], 'bench');
  try {
    await push(shop, 0);
    const pushes: Push[] = [];
    const plain: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      pushes.push(await push(shop, round));
      plain.push(await startPlainly(shop));
    }
    return figures(pushes, sampleOf(plain));
  } finally {
    // After a failure there may be nothing to destroy; the failure itself is what matters then.
    await shop.fairlead(['destroy', '--env', environment.name, '--yes']).catch((error) => console.error(error));
  }
}

interface Push {
  milliseconds: number;
  build: number;
  phases: { name: string; milliseconds: number }[];
}

async function push({ root, fairlead }: Shop, round: number): Promise<Push> {
  await appendFile(join(root, 'orders/orders.ts'), `\nObject.assign(globalThis, { push: ${round} });\n`);
  const migration = join(root, `orders/migrations/${1000 + round}_push.up.sql`);
  await writeFile(migration, `ALTER TABLE orders ADD COLUMN push_${round} text;\n`);
  const { lines } = await fairlead(['preview', '--pr', String(pullRequest), '--json']);
  return phasesOf(lines);
}

/** The steps as they were reported, and what lies before and between them. */
function phasesOf(lines: { at: number; text: string }[]): Push {
  const phases: Push['phases'] = [];
  let last = 0;
  let build = 0;
  for (const { at, text } of lines) {
    const event = JSON.parse(text) as { event: string; title?: string; status?: string };
    if (event.event !== 'step' || event.title === undefined) continue;
    const gap = phases.length === 0 ? 'Start the command' : `before "${event.title}"`;
    phases.push({ name: event.status === 'started' ? gap : event.title, milliseconds: at - last });
    last = at;
    if (event.title === building) build = at;
    if (event.title === switching && event.status === 'done') return { milliseconds: at, build, phases };
  }
  throw new Error('the preview did not report that the processes were replaced');
}

function figures(pushes: Push[], node: Sample): PreviewFigures {
  const names = pushes[0]!.phases.map(({ name }) => name);
  const ofPhase = (name: string) =>
    sampleOf(pushes.map(({ phases }) => phases.find((phase) => phase.name === name)?.milliseconds ?? 0));
  const total = sampleOf(pushes.map(({ milliseconds }) => milliseconds));
  const migrations = ofPhase(migrating);
  const build = sampleOf(pushes.map((push) => push.build));
  return {
    push: total,
    build,
    migrations,
    node,
    phases: names.map((name) => ({ name, sample: ofPhase(name) })),
    ratio: (total.median - migrations.median) / node.median,
    deployRatio: (total.median - build.median - migrations.median) / node.median,
    goal: 2,
  };
}

/** Starts the deployed bundle by itself, with the environment's own configuration and credentials. */
async function startPlainly({ stateDirectory }: Shop): Promise<number> {
  const state = openState(stateDirectory);
  const directory = join(state.environment(environment), 'run');
  const file = (await readdir(directory)).find((name) => /^app\.[0-9a-f]+\.json$/.test(name));
  if (file === undefined) throw new Error(`the configuration of the process is not in ${directory}`);
  const text = await readFile(join(directory, file), 'utf8');
  const config = JSON.parse(text) as InfraConfig;
  const keys = openKeys(state);
  const user = Object.values(config.sql_servers?.[0]?.databases ?? {})[0]?.username as string;
  const port = await freePort(String(Math.random()), passingPorts);
  const image = await deployedImage(join(state.environment(environment), 'images'));
  const begin = performance.now();
  const child = spawn(process.execPath, [join(image, 'main.mjs')], {
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      ENCORE_INFRA_CONFIG_PATH: join(directory, file),
      FAIRLEAD_INTERNAL_KEY: keys('internal', environment.application, environment.name),
      FAIRLEAD_DATABASE_PASSWORD: keys('password', user),
      FAIRLEAD_SECRET_MailApiKey: 'bench',
    },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${image}/main.mjs ended with ${child.exitCode}`);
    await setTimeout(1);
  }
  const milliseconds = performance.now() - begin;
  child.kill();
  await exited;
  return milliseconds;
}

/** The one image of an environment that runs all in one. */
async function deployedImage(images: string): Promise<string> {
  const names = await readdir(images);
  if (names.length !== 1) throw new Error(`${images} holds ${names.length} images instead of one`);
  return join(images, names[0]!);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/__encore/healthz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
