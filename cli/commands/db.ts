import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../../analyzer/diagnostic.ts';
import { createLocalLock, type DatabaseAddress, databaseAddresses, resetDatabases, uriOf } from '../../local/mod.ts';
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
    help: `Type ${word} when asked, or say so on the command line with --yes.`,
  });
}

/** @throws UserError FL5024 when there is no such database, FL5008 when there is no such environment */
async function addressOf(context: Context, { database, env }: Named): Promise<DatabaseAddress> {
  const environment = parseEnvironment(applicationName(context.directory), env);
  const find = (all: DatabaseAddress[]) => all.find(({ name }) => name === database);
  const found = find(await databasesThere(context, environment));
  if (found) return found;
  if (environment.type !== 'local') {
    await existingEnvironment(await openApplication(context, { here: true, looking: true }), env);
    throw noDatabase(
      database,
      (await databasesThere(context, environment)).map(({ name }) => name),
      env,
    );
  }
  // Nothing has run here yet, or not since the database was declared.
  const graph = await analyzeApplication(context);
  const known = graph.databases.map(({ name }) => name);
  if (!known.includes(database)) throw noDatabase(database, known, env);
  (await prepareLocal(context, graph)).release();
  const made = find(await databasesThere(context, environment));
  if (!made) throw new Error(`the database ${database} was made and is not there`);
  return made;
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
