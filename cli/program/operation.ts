import { type Command, Option } from 'commander';
import { ago, count, type Execute, environmentTypes, examples, globals, releaseCount, types } from './shared.ts';

export function defineOperation(program: Command, execute: Execute): void {
  program
    .command('status')
    .summary('list the environments and what they run')
    .description('Lists the environments of the application, their URLs, releases and processes.')
    .addHelpText('after', examples('fairlead status', 'fairlead status --json'))
    .action((options) =>
      execute(async () => (await import('../commands/status.ts')).status, globals(options, program)),
    );

  program
    .command('list')
    .summary('list every environment there is, of all applications')
    .description(
      'Lists every environment in the place that is asked: on this machine, or in an account and region of a cloud, found by what is really there.',
    )
    .addHelpText('after', examples('fairlead list', 'fairlead list --cloud aws --json'))
    .action((options) => execute(async () => (await import('../commands/list.ts')).list, globals(options, program)));

  program
    .command('start')
    .summary('start an environment that stands still')
    .description(
      'Starts the release that an environment ran before the machine was restarted or its processes were ended. Builds nothing, ' +
        'and a hold after a rollback stays.',
    )
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead start --env production'))
    .action((options) => execute(async () => (await import('../commands/start.ts')).start, globals(options, program)));

  program
    .command('destroy')
    .summary('remove an environment with all its data')
    .description(
      'Removes every trace of an environment: processes, databases and their data, files. There is no way back. ' +
        'Production goes only after its name was typed at the terminal, or with --yes. ' +
        'With --foundation, removes what lies under the environments of one type in a cloud, such as the network and the database server, when none of them is left.',
    )
    .option('--env <name>', 'the environment')
    .addOption(
      new Option('--foundation <type>', 'instead of an environment, what the environments of a type share')
        .choices(['preview', 'development', 'production'])
        .conflicts('env'),
    )
    .option('--yes', 'do not ask, also for production')
    .addHelpText(
      'after',
      examples(
        'fairlead destroy --env pr-1',
        'fairlead destroy --env production --yes',
        'fairlead destroy --foundation preview --cloud aws',
      ),
    )
    .action((options, command: Command) => {
      if (options.env === undefined && options.foundation === undefined)
        command.error("error: required option '--env <name>' not specified");
      return execute(async () => (await import('../commands/destroy.ts')).destroy, globals(options, program));
    });

  program
    .command('logs')
    .summary('print the logs of an environment')
    .description(
      'Prints what the processes of an environment have logged: on a terminal for people, as fairlead run does, elsewhere as it was written. With --json every line is one JSON object.',
    )
    .requiredOption('--env <name>', 'the environment')
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('--process <name>', 'only this process')
    .option('--tail <lines>', 'lines from the end to begin with (default: all)', count)
    .option('--since <duration>', 'lines of the last while, such as 15m or 2h (default: all)', ago)
    .addHelpText(
      'after',
      examples('fairlead logs --env pr-1 --tail 100', 'fairlead logs --env production --since 15m --follow'),
    )
    .action((options) => execute(async () => (await import('../commands/logs.ts')).logs, globals(options, program)));

  const cron = program.command('cron').summary('run cron jobs by hand').description('Cron jobs of an environment.');
  cron
    .command('trigger')
    .summary('run a cron job now')
    .description('Runs a cron job now and waits for its end, also where the schedule is off.')
    .argument('<job>', 'name of the cron job')
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead cron trigger daily-report --env pr-1'))
    .action((job, options) =>
      execute(async () => (await import('../commands/cron.ts')).trigger, { ...globals(options, program), job }),
    );

  defineSecret(program, execute);
  defineImages(program, execute);
  defineReleases(program, execute);
}

function defineReleases(program: Command, execute: Execute): void {
  const releases = program
    .command('releases')
    .summary('look at releases, compare and check them, and remove old ones')
    .description(
      'Releases are the records of builds: which images, which infrastructure, which migrations. A release is named by its digest, of which the first six digits or more are enough.',
    );
  const from = (command: Command) =>
    command.option(
      '--registry <registry>',
      'HOST[/PREFIX] of the registry where the releases are (default: on this machine)',
    );

  from(
    releases
      .command('list')
      .summary('list the releases that are kept')
      .description(
        'Lists the releases that are kept, the newest first: for what, when and from which commit they were built, and where they run now.',
      )
      .option('--env <name>', 'only those that were built for this environment'),
  )
    .addHelpText(
      'after',
      examples('fairlead releases list', 'fairlead releases list --env production --registry ghcr.io/acme'),
    )
    .action((options) =>
      execute(async () => (await import('../commands/releases/list.ts')).list, globals(options, program)),
    );

  from(
    releases
      .command('show')
      .summary('show a release')
      .description(
        'Shows what a release consists of: its images and their platforms, its migrations and how safe they are, where it was built from and where it runs.',
      )
      .argument('<digest>', 'the release; the first digits of its digest are enough'),
  )
    .addHelpText('after', examples('fairlead releases show 3f2a90c1', 'fairlead releases show 3f2a90c1 --json'))
    .action((release, options) =>
      execute(async () => (await import('../commands/releases/show.ts')).show, {
        ...globals(options, program),
        release,
      }),
    );

  from(
    releases
      .command('diff')
      .summary('compare two releases')
      .description(
        'Says what becomes different from one release to another: infrastructure and migrations, images, the base image, and which files.',
      )
      .argument('<before>', 'the former release')
      .argument('<after>', 'the later release'),
  )
    .addHelpText('after', examples('fairlead releases diff 3f2a90c1 77b0d2e4'))
    .action((before, after, options) =>
      execute(async () => (await import('../commands/releases/diff.ts')).diff, {
        ...globals(options, program),
        before,
        after,
      }),
    );

  from(
    releases
      .command('verify')
      .summary('check that a release is whole')
      .description(
        'Reads everything that a release names, down to the last layer, and checks that it is there and has the digest that it is named by.',
      )
      .argument('<digest>', 'the release; the first digits of its digest are enough'),
  )
    .addHelpText(
      'after',
      examples('fairlead releases verify 3f2a90c1', 'fairlead releases verify 3f2a90c1 --registry ghcr.io/acme'),
    )
    .action((release, options) =>
      execute(async () => (await import('../commands/releases/verify.ts')).verify, {
        ...globals(options, program),
        release,
      }),
    );

  releases
    .command('prune')
    .summary('remove the releases that nothing needs any more')
    .description(
      'Removes the releases on this machine that nothing needs, with the images that only they name. What an environment runs stays, as do the last releases of production, ' +
        'whatever was kept in the last hour, and what a rollback must know. Says of each what became of it and why.',
    )
    .option(
      '--keep <number>',
      'how many of the last releases of production stay (default: releases.keep of fairlead.json, or 10)',
      releaseCount,
    )
    .option('--dry-run', 'say what would be removed and do nothing')
    .addHelpText('after', examples('fairlead releases prune --dry-run', 'fairlead releases prune --keep 3'))
    .action((options) =>
      execute(async () => (await import('../commands/releases/prune.ts')).prune, globals(options, program)),
    );
}

function defineImages(program: Command, execute: Execute): void {
  const images = program
    .command('images')
    .summary('keep the base image current')
    .description('What images are made of.');
  images
    .command('update')
    .summary('move the base image to what its tag means now')
    .description(
      'Asks the registry for the base image and writes its digest into fairlead.lock.json, which builds then use. ' +
        'The image is the one that fairlead.json names, else the one that is followed already, else that of Fairlead.',
    )
    .option('--base <image>', 'follow another image from now on, such as node:24-slim')
    .option('--check', 'write nothing, and exit with 1 when the lock would move')
    .addHelpText('after', examples('fairlead images update', 'fairlead images update --base node:24-slim --json'))
    .action((options) =>
      execute(async () => (await import('../commands/images.ts')).update, globals(options, program)),
    );
}

function defineSecret(program: Command, execute: Execute): void {
  const secret = program
    .command('secret')
    .summary('keep the values of secrets')
    .description('Secrets belong to a type of environment or to one environment, which wins. Values are never shown.');
  const scope = (command: Command) =>
    command
      .option('--type <types>', `environment types, separated by commas: ${environmentTypes.join(', ')}`, types)
      .addOption(new Option('--env <name>', 'one environment, such as pr-1').conflicts('type'));

  scope(
    secret
      .command('set')
      .summary('set a secret')
      .description(
        'Sets a secret. The value is read from standard input, or asked for on a terminal; it is never an argument.',
      )
      .argument('<name>', 'name of the secret'),
  )
    .addHelpText(
      'after',
      examples(
        'fairlead secret set StripeKey --type production',
        'fairlead secret set StripeKey --type preview,local < key.txt',
      ),
    )
    .action((name, options) =>
      execute(async () => (await import('../commands/secret.ts')).set, { ...globals(options, program), name }),
    );
  secret
    .command('list')
    .summary('list the secrets')
    .description('Lists the names of secrets and where they have a value. Never shows a value.')
    .addHelpText('after', examples('fairlead secret list'))
    .action((options) => execute(async () => (await import('../commands/secret.ts')).list, globals(options, program)));
  scope(
    secret
      .command('remove')
      .summary('remove a secret')
      .description('Removes the value of a secret.')
      .argument('<name>', 'name of the secret'),
  )
    .addHelpText('after', examples('fairlead secret remove StripeKey --type preview'))
    .action((name, options) =>
      execute(async () => (await import('../commands/secret.ts')).remove, { ...globals(options, program), name }),
    );
}
