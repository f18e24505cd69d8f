import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { brokerSchema } from '../../../runtime/postgres/broker-schema.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { configOf } from '../support/config.ts';
import { type Entry, judge, type Left, subscriptions, type Verdict } from './journal.ts';

/** Processes at a time. */
const width = 3;

/** How long a process lives once it is up, at most. Milliseconds. */
const longestLife = 600;

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Outcome extends Verdict {
  kills: number;
}

/** Has so many processes killed while they publish and consume, lets two that live on do the rest, and judges. */
export async function killMany(
  postgres: TestPostgres,
  kills: number,
  progress = (_done: number) => {},
): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-kills-'));
  try {
    const setting = await setUp(postgres, directory);
    let done = 0;
    const killer = async (): Promise<void> => {
      while (done < kills) {
        progress(++done);
        const child = run(setting, { PUBLISHES: '1' });
        // Some before they are up, most at work.
        const ended = once(child, 'close');
        const up = once(child.stdout!, 'data');
        await Promise.race([up, sleep(Math.random() * 3_000)]);
        await sleep(Math.random() * longestLife);
        child.stdout!.resume();
        child.kill('SIGKILL');
        await ended;
        if (child.signalCode !== 'SIGKILL') throw new Error(`a process ended by itself with ${child.exitCode}`);
      }
    };
    await Promise.all(Array.from({ length: width }, killer));
    const left = await finish(postgres, setting);
    return { kills, ...judge(await readJournal(setting.journal), left) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Setting {
  program: string;
  journal: string;
  config: string;
}

async function setUp(postgres: TestPostgres, directory: string): Promise<Setting> {
  const config = configOf(postgres, { topics: { jobs: [...subscriptions] } });
  await postgres.run(
    'postgres',
    `DROP SCHEMA IF EXISTS "Broker ""1""" CASCADE`,
    ...brokerSchema(config.fairlead!.broker!),
  );
  const setting = {
    program: join(directory, 'main.mjs'),
    journal: join(directory, 'journal'),
    config: join(directory, 'config.json'),
  };
  writeFileSync(setting.config, JSON.stringify(config));
  writeFileSync(setting.journal, '');
  // One file, so that starting takes less of the time than working.
  await build({
    entryPoints: [join(root, 'test/runtime/kills/application.ts')],
    outdir: directory,
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire('${root}/package.json');`,
    },
    external: ['pg-native'],
    logLevel: 'error',
  });
  return setting;
}

function run({ program, journal, config }: Setting, env: Record<string, string> = {}): ChildProcess {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return spawn(process.execPath, [program], {
    env: {
      PATH,
      NODE_COMPILE_CACHE,
      HOST: '127.0.0.1',
      PORT: '0',
      ENCORE_INFRA_CONFIG_PATH: config,
      JOURNAL: journal,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** @returns what is left when nothing is to be done any more */
async function finish(postgres: TestPostgres, setting: Setting): Promise<Left[]> {
  const children = [run(setting), run(setting)];
  for (const child of children) child.stdout!.resume();
  try {
    for (let still = Number.POSITIVE_INFINITY, since = Date.now(); ; await sleep(200)) {
      const rows = await postgres.run(
        'postgres',
        subscriptions
          .map(
            (name) =>
              `SELECT '${name}' AS subscription, state, body::text, last_error FROM "Broker ""1"""."jobs/${name}"`,
          )
          .join(' UNION ALL '),
      );
      const ready = rows.filter(({ state }) => state === 'ready').length;
      if (ready < still) [still, since] = [ready, Date.now()];
      // Whatever has not come to an end in half a minute without any progress never will.
      if (ready === 0 || Date.now() - since > 30_000) return rows as unknown as Left[];
    }
  } finally {
    const ended = children.map((child) => once(child, 'close'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
  }
}

async function readJournal(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) entries.push(JSON.parse(line) as Entry);
  return entries;
}
