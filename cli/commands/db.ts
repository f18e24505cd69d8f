import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../../analyzer/diagnostic.ts';
import {
  createLocalLock,
  type DatabaseAddress,
  type DatabaseProxy,
  databaseAddresses,
  freePort,
  passingPorts,
  resetDatabases,
  serveProxy,
  uriOf,
} from '../../local/mod.ts';
import { type Environment, parseConfig, parseEnvironment, planSources } from '../../pipeline/mod.ts';
import { analyzeApplication, applicationName, readText } from '../application.ts';
import { runChild } from '../child.ts';
import { confirmed } from '../confirm.ts';
import type { Context, Ended, Result } from '../context.ts';
import { readLocalSecrets } from '../local-secrets.ts';
import { prepareLocal } from '../prepare-local.ts';
import { existingEnvironment, openApplication } from '../wiring.ts';

interface Named {
  database: string;
  env: string;
}

/** Prints how a database is connected to. */
export async function connUri(context: Context, { database, env }: Named): Promise<Result> {
  const address = await addressOf(context, { database, env });
  const uri = uriOf(address);
  return { document: { environment: env, database, uri }, text: uri };
}

/** Opens `psql` on a database; `args` are its own. */
export async function shell(context: Context, { database, env, args }: Named & { args: string[] }): Promise<Ended> {
  if (!isInstalled('psql')) throw noPsql(database);
  const { host, port, user, password, database: physical } = await addressOf(context, { database, env });
  // Those of libpq are about another server.
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^PG[A-Z]+$/.test(name)));
  return {
    exitCode: await runChild(
      {
        command: 'psql',
        args: ['--host', host, '--port', String(port), '--username', user, '--dbname', physical, ...args],
        directory: context.directory,
        // Not among the arguments, which everybody on the machine can read.
        env: { ...kept, PGPASSWORD: password, PGSSLMODE: 'disable' },
      },
      context.interruption,
    ),
  };
}

/** Leads a port of this machine to the databases of an environment, until it is stopped. */
export async function proxy(context: Context, { env, port }: { env: string; port?: number }): Promise<Ended> {
  const environment = parseEnvironment(applicationName(context.directory), env);
  const there = () => databasesThere(context, environment);
  const found = await madeDatabases(context, environment);
  if (found.length === 0) throw noDatabase('that a client could be led to', [], env);
  const wanted = port ?? (await freePort(`db proxy ${environment.application} ${env}`, passingPorts));
  const { port: listening } = await listen(wanted, there);
  const databases = found.map(({ name }) => ({
    name,
    uri: `postgresql://127.0.0.1:${listening}/${encodeURIComponent(name)}?sslmode=disable`,
  }));
  const lines = context.json
    ? [JSON.stringify({ event: 'listening', environment: env, port: listening, databases })]
    : databases.map(({ uri }) => uri);
  process.stdout.write(`${lines.join('\n')}\n`);
  context.report.info('Any user and any password will do. Ctrl-C ends it.');
  return new Promise<never>(() => {});
}

async function listen(port: number, databases: () => Promise<readonly DatabaseAddress[]>): Promise<DatabaseProxy> {
  try {
    return await serveProxy({ port, databases });
  } catch (error) {
    if (!['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new UserError(
      {
        code: 'FL5027',
        severity: 'error',
        message: `the port ${port} cannot be had: ${(error as Error).message}`,
        help: 'Name another one with --port, or none.',
      },
      { cause: error },
    );
  }
}

/** Makes databases of the environment `local` anew, without what is in them. */
export async function reset(
  context: Context,
  { databases, all = false, yes = false }: { databases: string[]; all?: boolean; yes?: boolean },
): Promise<Result> {
  const { directory, stateDirectory, report } = context;
  const graph = await analyzeApplication(context);
  const known = graph.databases.map(({ name }) => name);
  const unknown = databases.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw noDatabase(unknown[0]!, known, 'local');
  const names = all ? known : [...new Set(databases)];
  const environment = parseEnvironment(graph.application, 'local');
  if (!yes) await confirm(names);
  const plan = planSources(
    graph,
    environment,
    parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json'),
  );
  const request = { stateDirectory, plan, root: directory, localSecrets: readLocalSecrets(directory) };
  const lock = createLocalLock(stateDirectory, (message) => report.info(message));
  const { migrations } = await lock.hold(environment, () => resetDatabases(request, names, report));
  return {
    document: { environment: 'local', databases: names, migrations },
    text:
      names.length > 0 ? `${names.join(', ')} of local: empty but for what migrations make` : 'There is no database.',
  };
}

async function confirm(names: readonly string[]): Promise<void> {
  const word = names.length === 1 ? names[0]! : 'local';
  const question = `This removes everything in ${names.join(', ')} of the environment local, for good. Type ${word} to go on: `;
  if (names.length === 0 || (await confirmed(question, word))) return;
  throw new UserError({
    code: 'FL5025',
    severity: 'error',
    message: `${names.join(', ')} was not reset: it was not confirmed`,
    help: `Type ${word} when a terminal asks, or say so on the command line with --yes.`,
  });
}

/** @throws UserError FL5024 when there is no such database, FL5008 when there is no such environment */
async function addressOf(context: Context, { database, env }: Named): Promise<DatabaseAddress> {
  const environment = parseEnvironment(applicationName(context.directory), env);
  const there = await madeDatabases(context, environment, database);
  const found = there.find(({ name }) => name === database);
  if (found) return found;
  throw noDatabase(
    database,
    there.map(({ name }) => name),
    env,
  );
}

/**
 * The databases of an environment; those of `local` are made, unless `wanted` is there already, or is none that the application declares.
 * @throws UserError FL5008 when there is no such environment, FL5028 when it is elsewhere
 */
async function madeDatabases(context: Context, environment: Environment, wanted?: string): Promise<DatabaseAddress[]> {
  refuseElsewhere(context, environment);
  const there = await databasesThere(context, environment);
  if (there.some(({ name }) => name === wanted)) return there;
  if (environment.type !== 'local') {
    await existingEnvironment(await openApplication(context, { here: true, looking: true }), environment.name);
    return there;
  }
  // Nothing has run here yet, or not since a database was declared.
  const graph = await analyzeApplication(context);
  const known = graph.databases.map(({ name }) => name);
  if (wanted !== undefined && !known.includes(wanted)) throw noDatabase(wanted, known, environment.name);
  if (known.length === 0) return [];
  (await prepareLocal(context, graph)).release();
  return databasesThere(context, environment);
}

/** What is in a cloud has no way in from here, on purpose. */
function refuseElsewhere({ directory, cloud }: Context, { name, type }: Environment): void {
  const place = cloud ?? parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json').target;
  if (type === 'local' || place === 'local') return;
  throw new UserError({
    code: 'FL5028',
    severity: 'error',
    message: `the databases of ${name} are on ${place}, in a network that nothing outside of it reaches`,
    help: 'Let an endpoint, a cron job or a migration do what is to be done; or reach them from a host in that network, by a session of AWS Systems Manager. For databases of this machine say --cloud local.',
  });
}

function databasesThere({ stateDirectory }: Context, environment: Environment): Promise<DatabaseAddress[]> {
  return databaseAddresses(stateDirectory, environment);
}

function noDatabase(name: string, known: readonly string[], env: string): UserError {
  return new UserError({
    code: 'FL5024',
    severity: 'error',
    message: `${env} has no database ${name}`,
    help:
      known.length > 0 ? `There is ${known.join(', ')}.` : 'The application declares none, with new SQLDatabase(…).',
  });
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      const path = join(directory, program);
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

function noPsql(database: string): UserError {
  return new UserError({
    code: 'FL5026',
    severity: 'error',
    message: 'psql, the shell of PostgreSQL, is not installed',
    help: `Install the client of PostgreSQL (apt install postgresql-client, brew install libpq), or give another one what "fairlead db conn-uri ${database}" prints.`,
  });
}
