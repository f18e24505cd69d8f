import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, Outcome } from '../pipeline/mod.ts';
import { migrateEventFrom, migrationsOfRun } from '../pipeline/refusals/migrations.ts';
import type { MigrateEvent } from '../runtime/wire.ts';
import { baseVariables } from './base-variables.ts';
import type { Layout } from './layout.ts';
import { writeJson } from './state.ts';
import { eachLine } from './supervisor/log-file.ts';

/**
 * Brings databases and queues up to the release with its own `migrate` entry; resolves to the migrations that were applied.
 * @throws UserError FL4009 when one fails
 */
export async function runMigrations(
  { config, env }: NonNullable<Layout['migrate']>,
  image: string,
  runDirectory: string,
  environment: Environment,
): Promise<Outcome['migrations']> {
  const configuration = join(runDirectory, `migrate.${process.pid}.json`);
  writeJson(configuration, config);
  try {
    const variables = { ...env, ENCORE_INFRA_CONFIG_PATH: configuration };
    return migrationsOfRun(await run(join(image, 'migrate.mjs'), variables), environment);
  } finally {
    rmSync(configuration, { force: true });
  }
}

async function run(program: string, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    env: { ...baseVariables(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: MigrateEvent[] = [];
  const output: string[] = [];
  eachLine(child.stdout, (line) => {
    const event = migrateEventFrom(line);
    if (event) events.push(event);
    else output.push(line);
  });
  eachLine(child.stderr, (line) => output.push(line));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { events, output, ending: code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}` };
}
