import type { Command } from 'commander';
import type { GlobalOptions } from '../context.ts';
import { type Execute, examples, globals, port } from './shared.ts';

/** What works with the application on this machine, besides running it. */
export function defineDevelopment(program: Command, execute: Execute): void {
  program
    .command('exec')
    .summary('run a program with the databases and topics of this machine')
    .description(
      'Runs a program in the application\'s directory with the infrastructure of the environment "local", the same data that "fairlead run" works with: ' +
        'PostgreSQL runs, migrations are applied, and what the program imports of the application works, such as its databases and topics. ' +
        'Input, output, signals and the exit code are those of the program.\n\n' +
        'ENCORE_INFRA_CONFIG_PATH names the configuration. The program works with databases as their owner.',
    )
    .argument('<command...>', 'the program and its arguments, after --')
    .addHelpText('after', examples('fairlead exec -- node seed.ts', 'fairlead exec -- npx prisma studio'))
    .action((command, options) =>
      execute(async () => (await import('../commands/exec.ts')).exec, { ...aside(options, program), command }),
    );

  program
    .command('test')
    .summary('run the tests of the application')
    .description(
      'Runs the script "test" of package.json with infrastructure of its own, which is gone afterwards: a PostgreSQL in memory with all migrations applied, topics, buckets and caches. ' +
        'Tests call endpoints as functions or by ~encore/clients. Writes encore.gen first, as "fairlead generate" does. The exit code is that of the script.\n\n' +
        'NODE_ENV is "test", and so are name and type of the environment.',
    )
    .argument('[args...]', 'what the script gets besides, after --')
    .addHelpText('after', examples('fairlead test', 'fairlead test -- orders --coverage'))
    .action((args, options) =>
      execute(async () => (await import('../commands/test.ts')).test, { ...globals(options, program), args }),
    );

  defineDatabases(program, execute);
}

function defineDatabases(program: Command, execute: Execute): void {
  const db = program
    .command('db')
    .summary('open, address, lead to and reset databases')
    .description('Databases of environments on this machine.');

  db.command('shell')
    .summary('open psql on a database')
    .description(
      'Opens psql on a database, as its owner. Its server is started when it does not run; in "local" the database is made when it is not there yet. ' +
        'What follows -- goes to psql.',
    )
    .argument('<database>', 'name of the database')
    .argument('[args...]', 'arguments of psql, after --')
    .option('--env <name>', 'the environment', 'local')
    .addHelpText(
      'after',
      examples('fairlead db shell orders', "fairlead db shell orders -- -c 'SELECT count(*) FROM orders'"),
    )
    .action((database, args, options) =>
      execute(async () => (await import('../commands/db.ts')).shell, { ...aside(options, program), database, args }),
    );

  db.command('conn-uri')
    .summary('print how a database is connected to')
    .description(
      'Prints the connection URI of a database, with its owner\'s password, for other tools. Its server is started when it does not run; in "local" the database is made when it is not there yet.',
    )
    .argument('<database>', 'name of the database')
    .option('--env <name>', 'the environment', 'local')
    .addHelpText('after', examples('fairlead db conn-uri orders', 'pg_dump "$(fairlead db conn-uri orders --quiet)"'))
    .action((database, options) =>
      execute(async () => (await import('../commands/db.ts')).connUri, { ...globals(options, program), database }),
    );

  db.command('proxy')
    .summary('lead a local port to databases, without their passwords')
    .description(
      'Listens on a port of this machine and leads whoever connects to a database of the environment, by the name that it has in the application. ' +
        'Any user and any password will do: a session is that of the owner. Prints how each database is connected to, and goes on until it is stopped. ' +
        'Everybody on this machine can use the port meanwhile.',
    )
    .option('--env <name>', 'the environment', 'local')
    .option('-p, --port <number>', 'the port to listen on (default: a free one, the same each time)', port)
    .addHelpText('after', examples('fairlead db proxy', 'fairlead db proxy --env pr-7 --port 5433'))
    .action((options) => execute(async () => (await import('../commands/db.ts')).proxy, globals(options, program)));

  db.command('reset')
    .summary('empty databases and migrate them anew')
    .description(
      'Removes databases of the environment "local" with all that is in them, and makes them anew by the migrations of the sources. ' +
        'Asks for their name first. Processes that run go on with the empty database.',
    )
    .argument('[databases...]', 'names of databases')
    .option('--all', 'all databases of the application')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('fairlead db reset orders', 'fairlead db reset --all --yes'))
    .action((databases: string[], options, command: Command) => {
      if ((databases.length === 0) === !options.all) command.error('error: name the databases to reset, or say --all');
      return execute(async () => (await import('../commands/db.ts')).reset, {
        ...globals(options, program),
        databases,
      });
    });
}

/** Where standard error is not for people, it is the program's alone. */
function aside<Options extends object>(options: Options, program: Command): Options & GlobalOptions {
  const all = globals(options, program);
  return process.stderr.isTTY ? all : { ...all, quiet: true };
}
