import { type Command, Option } from 'commander';
import { directory, type Execute, examples, globals, pullRequest, several } from './shared.ts';

export function defineDelivery(program: Command, execute: Execute): void {
  program
    .command('build')
    .summary('build images and a release')
    .description(
      'Builds an image for each process, without Docker, and a release that names them. The same sources give the same digests on every machine. ' +
        'The images lie on the base image that fairlead.lock.json pins; without one they are for a machine that has Node itself, such as this one. ' +
        'With --push they go to a registry, which gets only what it lacks. With --verify nothing gets a name or is sent: the sources are built again, and the release must come out with the same digest.',
    )
    .addArgument(directory())
    .option(
      '--push <registry>',
      'bring the release to HOST[/PREFIX]; credentials are those of Docker, AWS or Google Cloud',
    )
    .option('--env <name>', 'the environment that it is for, by which registries keep and expire it')
    .addOption(
      new Option(
        '--verify <release>',
        'prove that these sources give this release; its first digits are enough',
      ).conflicts(['push', 'env']),
    )
    .option('--registry <registry>', 'with --verify: where the release is (default: on this machine)')
    .addHelpText(
      'after',
      examples(
        'fairlead build',
        'fairlead build --push ghcr.io/acme --env pr-72',
        'fairlead build --verify 3f2a90c1 --registry ghcr.io/acme',
      ),
    )
    .action((dir, options, command: Command) => {
      if (options.registry !== undefined && options.verify === undefined)
        command.error("error: option '--registry <registry>' needs option '--verify <release>'");
      return execute(async () => (await import('../commands/build.ts')).build, globals(options, program), dir);
    });

  program
    .command('plan')
    .summary('show what a deployment would change')
    .description(
      'Shows what deploying these sources to an environment would add, change and remove. Builds them, with their build hooks, and changes nothing that runs.',
    )
    .requiredOption('--env <name>', 'the environment, such as production or pr-1')
    .addHelpText('after', examples('fairlead plan --env production'))
    .action((options) => execute(async () => (await import('../commands/plan.ts')).plan, globals(options, program)));

  program
    .command('preview')
    .summary('put up or update the preview of a pull request')
    .description(
      'Says that pull request <n> is open and these sources are its head, and brings its environment pr-<n> to them. ' +
        'Prints the URL and the comment that the pull request would get.',
    )
    .requiredOption('--pr <n>', 'number of the pull request', pullRequest)
    .addHelpText('after', examples('fairlead preview --pr 1'))
    .action((options) =>
      execute(async () => (await import('../commands/preview.ts')).preview, globals(options, program)),
    );

  program
    .command('promote')
    .summary('deploy to production')
    .description('Deploys these sources. What a preview has run is not built again: the same code is the same release.')
    .option('--env <name>', 'the environment', 'production')
    .addOption(dataLoss())
    .addHelpText('after', examples('fairlead promote', 'fairlead promote --env staging'))
    .action((options) =>
      execute(async () => (await import('../commands/promote.ts')).promote, globals(options, program)),
    );

  program
    .command('rollback')
    .summary('bring a former release back')
    .description(
      'Brings the release before the present one back, or the one named, if its code can live with the present schema of the databases. ' +
        'The environment is then held: it takes no promotion until "fairlead resume", and goes further back only to a release that is named.',
    )
    .option('--env <name>', 'the environment', 'production')
    .option('--to <digest>', 'the release to go back to; the first digits of its digest are enough')
    .option('--reason <text>', 'why, for the history')
    .option('--dry-run', 'say what would happen and do nothing')
    .addOption(dataLoss())
    .addHelpText(
      'after',
      examples('fairlead rollback --reason "orders are lost"', 'fairlead rollback --to 3f2a --dry-run'),
    )
    .action((options) =>
      execute(async () => (await import('../commands/rollback.ts')).rollback, globals(options, program)),
    );

  program
    .command('resume')
    .summary('let promotions pass again after a rollback')
    .description('Ends the hold that a rollback put on an environment. Deploys nothing by itself.')
    .option('--env <name>', 'the environment', 'production')
    .addHelpText('after', examples('fairlead resume'))
    .action((options) =>
      execute(async () => (await import('../commands/resume.ts')).resume, globals(options, program)),
    );

  program
    .command('cleanup')
    .summary('remove previews that no open pull request needs')
    .description(
      'Removes every trace of the previews whose pull request is closed. With --pr, says first that this pull request is closed. ' +
        'Their releases stay until "fairlead releases prune".',
    )
    .option('--pr <n>', 'close this pull request and look at its preview alone', pullRequest)
    .option('--dry-run', 'say what would be removed and do nothing')
    .addHelpText('after', examples('fairlead cleanup --pr 1', 'fairlead cleanup --dry-run'))
    .action((options) =>
      execute(async () => (await import('../commands/cleanup.ts')).cleanup, globals(options, program)),
    );
}

function dataLoss(): Option {
  return new Option(
    '--allow-data-loss <name>',
    'in a cloud: a database, bucket or cache that may go with all that is in it; may be given several times',
  ).argParser(several);
}
