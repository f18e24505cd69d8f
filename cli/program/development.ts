import type { Command } from 'commander';
import type { GlobalOptions } from '../context.ts';
import { type Execute, examples, globals } from './shared.ts';

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
}

/** Where standard error is not for people, it is the program's alone. */
function aside<Options extends object>(options: Options, program: Command): Options & GlobalOptions {
  const all = globals(options, program);
  return process.stderr.isTTY ? all : { ...all, quiet: true };
}
