import type { Command } from 'commander';
import { type Execute, examples, globals, path } from './shared.ts';

/** What has to do with resources that somebody else runs, and bills. */
export function defineCloud(program: Command, execute: Execute): void {
  program
    .command('drift')
    .summary('show what was changed by hand in the cloud')
    .description(
      'Compares what is there with what was deployed, and shows what somebody changed by hand. Adopts nothing. ' +
        'With --revert, brings it back. Exits with 1 when something is not as deployed.',
    )
    .requiredOption('--env <name>', 'the environment')
    .option('--revert', 'bring it back to what was deployed')
    .addHelpText(
      'after',
      examples('fairlead drift --env production', 'fairlead drift --env production --revert --cloud aws'),
    )
    .action((options) =>
      execute(async () => (await import('../commands/cloud/drift.ts')).drift, globals(options, program)),
    );

  program
    .command('repair')
    .summary('take an environment out of a stuck state')
    .description(
      'Finds what keeps an environment from being deployed or destroyed, such as a stack of AWS CloudFormation whose rollback failed, ' +
        'mends it and says what was done. No data is lost by it.',
    )
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead repair --env pr-72 --cloud aws'))
    .action((options) =>
      execute(async () => (await import('../commands/cloud/repair.ts')).repair, globals(options, program)),
    );

  program
    .command('cost')
    .summary('show what an environment costs')
    .description(
      'Adds up the monthly price of what is up now, by a dated price table that comes with Fairlead. What is paid by use counts as not used.',
    )
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead cost --env pr-72', 'fairlead cost --env production --json'))
    .action((options) =>
      execute(async () => (await import('../commands/cloud/cost.ts')).cost, globals(options, program)),
    );

  program
    .command('sleep')
    .summary('stop the processes of an environment')
    .description('Lets no process of an environment run until "fairlead wake". Its data stays.')
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead sleep --env pr-72'))
    .action((options) =>
      execute(async () => (await import('../commands/cloud/sleep.ts')).sleep, globals(options, program)),
    );

  program
    .command('wake')
    .summary('start the processes of an environment that sleeps')
    .description('Starts what "fairlead sleep" or its schedule stopped.')
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead wake --env pr-72'))
    .action((options) =>
      execute(async () => (await import('../commands/cloud/sleep.ts')).wake, globals(options, program)),
    );

  program
    .command('synth')
    .summary('write what would be deployed, in the format of the cloud')
    .description(
      "Builds the sources and writes what deploying them would apply into a directory: for AWS a cloud assembly, which the CDK's own tools deploy, too.",
    )
    .requiredOption('--env <name>', 'the environment')
    .option('-o, --output <dir>', 'the directory', path, 'cdk.out')
    .addHelpText('after', examples('fairlead synth --env production --cloud aws -o cdk.out'))
    .action((options) =>
      execute(async () => (await import('../commands/cloud/synth.ts')).synth, globals(options, program)),
    );
}
