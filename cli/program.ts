import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { version } from '../pipeline/version.ts';
import type { Context, GlobalOptions, Result } from './context.ts';

/** A command's work, loaded only when it is asked for. A command that prints while it runs returns undefined. */
export type Load<Options> = () => Promise<(context: Context, options: Options) => Promise<Result | undefined>>;

/** Runs a command; `directory` is its own argument. */
export type Execute = <Options>(
  load: Load<Options>,
  options: Options & GlobalOptions,
  directory?: string,
) => Promise<void>;

const exitCodesHelp = `
Exit codes:
  0    done
  1    it cannot be done as things are; coded errors say why and what to do
  2    the command line is wrong
  3    nothing is wrong and nothing was done: the environment is held after a rollback,
       the pull request is closed, or a newer push took over
  70   a bug in Fairlead
  130  stopped by Ctrl-C (143: by SIGTERM)`;

/** The whole command line as commander's definitions: names, options, help. What a command does is behind `execute`. */
export function createProgram(execute: Execute): Command {
  const program = new Command('fairlead')
    .description(
      'Takes a TypeScript backend whose infrastructure is declared in its code from a pull request to production.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show the help of a command')
    .option('-C, --dir <path>', 'directory of the application (default: the current directory)', path)
    .addOption(
      new Option('--state-dir <path>', 'where this machine keeps environments, releases and secrets')
        .env('FAIRLEAD_STATE_DIR')
        .argParser(path),
    )
    .addOption(
      new Option('--cache-dir <path>', 'where an analysis keeps what the next one need not compute again')
        .env('FAIRLEAD_CACHE_DIR')
        .argParser(path),
    )
    .option('--no-cache', 'analyze everything anew, and keep nothing')
    .option(
      '--json',
      'print the result as one JSON document on standard output, progress as JSON lines on standard error',
    )
    .option('--quiet', 'print results and warnings, no progress')
    .option('--no-color', 'print without colours, as does the environment variable NO_COLOR')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  program.addHelpText('after', exitCodesHelp);
  defineAnalysis(program, execute);
  defineDelivery(program, execute);
  defineOperation(program, execute);
  defineGitHub(program, execute);
  return program;
}

function defineAnalysis(program: Command, execute: Execute): void {
  program
    .command('check')
    .summary('find what is wrong with the application')
    .description(
      'Analyzes the application, without running it, and prints everything that is wrong, each with its place. ' +
        'Warnings alone leave the exit code 0.',
    )
    .addArgument(directory())
    .addOption(
      new Option(
        '--format <format>',
        'text: for people; json: as with --json; sarif: SARIF 2.1.0, for code scanning; github: annotations of a workflow (default: text, in a step of GitHub Actions with annotations)',
      ).choices(['text', 'json', 'sarif', 'github']),
    )
    .option('-o, --output <file>', 'write what the format says to a file, and print text', path)
    .option('--strict', 'fail for warnings, too')
    .addHelpText(
      'after',
      examples(
        'fairlead check',
        'fairlead check examples/shop --json',
        'fairlead check --format sarif -o fairlead.sarif',
      ),
    )
    .action((dir, options) =>
      execute(async () => (await import('./commands/check.ts')).check, globals(options, program), dir),
    );

  defineGraph(program, execute);

  program
    .command('explain')
    .summary('show what a service may touch, and why')
    .description(
      'Shows what a service may do with which resource and the lines of code that cause each permission, what it exposes and consumes, and who calls it. ' +
        'With a resource, only what concerns that one: the name of a database, a topic, a bucket, a cache, a secret or an endpoint.',
    )
    .argument('<service>', 'name of the service')
    .argument('[resource]', 'name of a resource, or kind and name as in database:orders')
    .addHelpText(
      'after',
      examples('fairlead explain orders', 'fairlead explain orders order-created', 'fairlead explain orders --json'),
    )
    .action((service, resource, options) =>
      execute(async () => (await import('./commands/explain.ts')).explain, {
        ...globals(options, program),
        service,
        ...(resource === undefined ? {} : { resource }),
      }),
    );

  program
    .command('generate')
    .summary('write encore.gen for the editor')
    .description(
      'Writes encore.gen, the types behind ~encore/clients and ~encore/auth, so that an editor knows them. Files that are current stay untouched. ' +
        'Says what tsconfig.json lacks to find them.',
    )
    .addArgument(directory())
    .addHelpText('after', examples('fairlead generate'))
    .action((dir, options) =>
      execute(async () => (await import('./commands/generate.ts')).generate, globals(options, program), dir),
    );

  defineGeneration(program, execute);

  program
    .command('run')
    .summary('run the application here and follow its sources')
    .description(
      'Runs all services with a real PostgreSQL, topics and cron in the environment "local", and again after every change of the sources. ' +
        'While a change does not build, the version before it keeps answering. Ctrl-C stops the processes and keeps the data.\n\n' +
        'Secrets come from "fairlead secret set NAME --type local" and from .secrets.local.json or .secrets.local.cue beside package.json, which wins. ' +
        'With --json every event is one JSON object per line on standard output.',
    )
    .addArgument(directory())
    .option('-p, --port <port>', 'port of the front door (default: a free one, kept for the next time)', port)
    .addHelpText('after', examples('fairlead run', 'fairlead run --port 4000'))
    .action((dir, options) =>
      execute(async () => (await import('./commands/run.ts')).run, globals(options, program), dir),
    );
}

const graphFormats = ['table', 'json', 'mermaid', 'dot', 'svg', 'html'] as const;
const diffFormats = ['text', 'json', 'markdown'] as const;

function defineGraph(program: Command, execute: Execute): void {
  // To commander `--format` and `--output` belong to `graph` wherever they stand, also after `diff`. So `graph` takes what either
  // knows, and each looks whether it is for itself.
  const graph = program
    .command('graph')
    .summary('print the infrastructure graph')
    .description(
      'Prints what the application consists of and who uses what: services, endpoints, databases, topics, buckets, caches, cron jobs, metrics, secrets.',
    )
    .addArgument(directory())
    .option(
      '--format <format>',
      'table: for people; json: the Graph, for other tools; mermaid, dot: diagrams as text; svg: a picture; html: a page to explore (default: table)',
    )
    .option('--service <name>', 'only this service and what it has to do with')
    .option('-o, --output <file>', 'write the result to a file', path)
    .addHelpText(
      'after',
      examples(
        'fairlead graph',
        'fairlead graph --format html -o graph.html',
        'fairlead graph --service orders --format mermaid',
        'fairlead graph --format json | jq .services',
      ),
    )
    .action((dir, options) => {
      const format = choice(graph, graphFormats, options.format);
      return execute(
        async () => (await import('./commands/graph.ts')).graph,
        { ...globals(options, program), format },
        dir,
      );
    });

  graph
    .command('diff')
    .summary('compare two graphs')
    .description(
      'Says what became different from one graph to another: what was added, changed and removed, each with its place in the sources. ' +
        'Each is a git revision, whose sources are analyzed beside yours with the packages you have installed, or a file that "fairlead graph --format json" wrote.',
    )
    .argument('<before>', 'a git revision or a file')
    .argument('[after]', 'a git revision or a file (default: the working tree)')
    .option('--format <format>', 'text: for people; json: as with --json; markdown: for a comment (default: text)')
    .option('-o, --output <file>', 'write the result to a file', path)
    .option('--exit-code', 'exit with 1 when there are differences')
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: () => [...program.options] })
    .addHelpText(
      'after',
      examples(
        'fairlead graph diff main',
        'fairlead graph diff v1.0 v1.1 --format markdown',
        'fairlead graph diff graph.json',
      ),
    )
    .action((before, after, options) => {
      const { format, service, ...shared } = graph.opts<{ format?: string; service?: string; output?: string }>();
      if (service !== undefined) graph.error("unknown option '--service' of graph diff");
      return execute(async () => (await import('./commands/graph-diff.ts')).graphDiff, {
        ...globals({ ...options, ...shared }, program),
        format: choice(graph, diffFormats, format),
        before,
        ...(after === undefined ? {} : { after }),
      });
    });
}

/** The value of `--format`, the first of the choices without one. Another value is a wrong command line. */
function choice<T extends string>(command: Command, choices: readonly [T, ...T[]], value: string | undefined): T {
  const found = value === undefined ? choices[0] : choices.find((known) => known === value);
  if (found !== undefined) return found;
  return command.error(
    `option '--format <format>' argument '${value}' is invalid. Allowed choices are ${choices.join(', ')}.`,
  );
}

function defineGeneration(program: Command, execute: Execute): void {
  const gen = program
    .command('gen')
    .summary('write clients and an OpenAPI document')
    .description('What others need to call the application.');
  const selection = (command: Command) =>
    command
      .option('-o, --output <file>', 'the file to write (default: standard output)', path)
      .option('--services <names>', 'only these services, separated by commas', names)
      .option('--exclude-services <names>', 'all services but these', names)
      .option('--tags <tags>', 'only endpoints with one of these tags, separated by commas', names)
      .option('--exclude-tags <tags>', 'no endpoints with one of these tags', names)
      .option('--all', 'private endpoints, too');

  selection(
    gen
      .command('client')
      .summary('write a TypeScript client in one file')
      .description(
        'Writes one TypeScript file without dependencies that calls the exposed endpoints, from browsers and from Node.js.',
      )
      .addArgument(directory()),
  )
    .addOption(new Option('--lang <language>', 'language of the client').choices(['typescript']).default('typescript'))
    .addHelpText(
      'after',
      examples(
        'fairlead gen client -o web/src/client.ts',
        'fairlead gen client --services orders,users --exclude-tags admin',
      ),
    )
    .action((dir, options) =>
      execute(async () => (await import('./commands/gen.ts')).client, globals(options, program), dir),
    );

  selection(
    gen
      .command('openapi')
      .summary('write an OpenAPI document')
      .description(
        'Writes an OpenAPI 3.1 document of the exposed endpoints: YAML where the name of the file ends in .yaml or .yml, else JSON.',
      )
      .addArgument(directory()),
  )
    .option('--server <url>', 'where the application is reached (default: /)')
    .addHelpText(
      'after',
      examples('fairlead gen openapi -o openapi.yaml', 'fairlead gen openapi --server https://api.example.com'),
    )
    .action((dir, options) =>
      execute(async () => (await import('./commands/gen.ts')).openapi, globals(options, program), dir),
    );
}

function defineDelivery(program: Command, execute: Execute): void {
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
      return execute(async () => (await import('./commands/build.ts')).build, globals(options, program), dir);
    });

  program
    .command('plan')
    .summary('show what a deployment would change')
    .description(
      'Shows what deploying these sources to an environment would add, change and remove. Builds them, with their build hooks, and changes nothing that runs.',
    )
    .requiredOption('--env <name>', 'the environment, such as production or pr-1')
    .addHelpText('after', examples('fairlead plan --env production'))
    .action((options) => execute(async () => (await import('./commands/plan.ts')).plan, globals(options, program)));

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
      execute(async () => (await import('./commands/preview.ts')).preview, globals(options, program)),
    );

  program
    .command('promote')
    .summary('deploy to production')
    .description('Deploys these sources. What a preview has run is not built again: the same code is the same release.')
    .option('--env <name>', 'the environment', 'production')
    .addHelpText('after', examples('fairlead promote', 'fairlead promote --env staging'))
    .action((options) =>
      execute(async () => (await import('./commands/promote.ts')).promote, globals(options, program)),
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
    .addHelpText(
      'after',
      examples('fairlead rollback --reason "orders are lost"', 'fairlead rollback --to 3f2a --dry-run'),
    )
    .action((options) =>
      execute(async () => (await import('./commands/rollback.ts')).rollback, globals(options, program)),
    );

  program
    .command('resume')
    .summary('let promotions pass again after a rollback')
    .description('Ends the hold that a rollback put on an environment. Deploys nothing by itself.')
    .option('--env <name>', 'the environment', 'production')
    .addHelpText('after', examples('fairlead resume'))
    .action((options) => execute(async () => (await import('./commands/resume.ts')).resume, globals(options, program)));

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
      execute(async () => (await import('./commands/cleanup.ts')).cleanup, globals(options, program)),
    );
}

function defineOperation(program: Command, execute: Execute): void {
  program
    .command('status')
    .summary('list the environments and what they run')
    .description('Lists the environments of the application, their URLs, releases and processes.')
    .addHelpText('after', examples('fairlead status', 'fairlead status --json'))
    .action((options) => execute(async () => (await import('./commands/status.ts')).status, globals(options, program)));

  program
    .command('start')
    .summary('start an environment that stands still')
    .description(
      'Starts the release that an environment ran before the machine was restarted or its processes were ended. Builds nothing, ' +
        'and a hold after a rollback stays.',
    )
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead start --env production'))
    .action((options) => execute(async () => (await import('./commands/start.ts')).start, globals(options, program)));

  program
    .command('destroy')
    .summary('remove an environment with all its data')
    .description(
      'Removes every trace of an environment: processes, databases and their data, files. There is no way back. ' +
        'Production goes only after its name was typed at the terminal, or with --yes.',
    )
    .requiredOption('--env <name>', 'the environment')
    .option('--yes', 'do not ask, also for production')
    .addHelpText('after', examples('fairlead destroy --env pr-1', 'fairlead destroy --env production --yes'))
    .action((options) =>
      execute(async () => (await import('./commands/destroy.ts')).destroy, globals(options, program)),
    );

  program
    .command('logs')
    .summary('print the logs of an environment')
    .description('Prints what the processes of an environment have logged. With --json every line is one JSON object.')
    .requiredOption('--env <name>', 'the environment')
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('--process <name>', 'only this process')
    .option('--tail <lines>', 'lines from the end to begin with (default: all)', count)
    .addHelpText(
      'after',
      examples('fairlead logs --env pr-1 --tail 100', 'fairlead logs --env production --follow --process orders'),
    )
    .action((options) => execute(async () => (await import('./commands/logs.ts')).logs, globals(options, program)));

  const cron = program.command('cron').summary('run cron jobs by hand').description('Cron jobs of an environment.');
  cron
    .command('trigger')
    .summary('run a cron job now')
    .description('Runs a cron job now and waits for its end, also where the schedule is off.')
    .argument('<job>', 'name of the cron job')
    .requiredOption('--env <name>', 'the environment')
    .addHelpText('after', examples('fairlead cron trigger daily-report --env pr-1'))
    .action((job, options) =>
      execute(async () => (await import('./commands/cron.ts')).trigger, { ...globals(options, program), job }),
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
      execute(async () => (await import('./commands/releases/list.ts')).list, globals(options, program)),
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
      execute(async () => (await import('./commands/releases/show.ts')).show, {
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
      execute(async () => (await import('./commands/releases/diff.ts')).diff, {
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
      execute(async () => (await import('./commands/releases/verify.ts')).verify, {
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
      execute(async () => (await import('./commands/releases/prune.ts')).prune, globals(options, program)),
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
    .action((options) => execute(async () => (await import('./commands/images.ts')).update, globals(options, program)));
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
      execute(async () => (await import('./commands/secret.ts')).set, { ...globals(options, program), name }),
    );
  secret
    .command('list')
    .summary('list the secrets')
    .description('Lists the names of secrets and where they have a value. Never shows a value.')
    .addHelpText('after', examples('fairlead secret list'))
    .action((options) => execute(async () => (await import('./commands/secret.ts')).list, globals(options, program)));
  scope(
    secret
      .command('remove')
      .summary('remove a secret')
      .description('Removes the value of a secret.')
      .argument('<name>', 'name of the secret'),
  )
    .addHelpText('after', examples('fairlead secret remove StripeKey --type preview'))
    .action((name, options) =>
      execute(async () => (await import('./commands/secret.ts')).remove, { ...globals(options, program), name }),
    );
}

function defineGitHub(program: Command, execute: Execute): void {
  program
    .command('init')
    .summary('write the workflows that GitHub runs')
    .description(
      'Writes .github/workflows/fairlead-preview.yml, -production.yml, -rollback.yml and -cleanup.yml for this repository: ' +
        'short files that call the workflows of Fairlead. Finds the applications, the default branch and the package manager. ' +
        'Shows what changes in a file that is there, and replaces one that somebody changed only with --force. Again, it changes nothing.',
    )
    .addOption(
      new Option(
        '--target <target>',
        'where environments are put up (default: target of fairlead.json, else of the workflows that are there; asked for on a terminal)',
      ).choices(['aws', 'gcp', 'local']),
    )
    .option('--app <dir>', 'only this application; may be given several times (default: all that are found)', several)
    .option(
      '--region <region>',
      'region of the cloud (default: AWS_REGION, else what the variable FAIRLEAD_REGION on GitHub says)',
    )
    .option(
      '--branch <name>',
      'the branch that production follows (default: the default branch of the remote, else the only one)',
    )
    .option('--forks', 'also the workflow by which a maintainer may allow a preview of a fork')
    .option('--force', 'replace files that somebody changed')
    .option('--dry-run', 'say what would be written and write nothing')
    .addHelpText(
      'after',
      examples('fairlead init --target local', 'fairlead init --target aws --region eu-west-1 --dry-run'),
    )
    .action((options) => execute(async () => (await import('./commands/init.ts')).init, globals(options, program)));

  defineBootstrap(program, execute);

  program
    .command('doctor')
    .summary('check what a first run on GitHub could trip over')
    .description(
      'Checks the repository, the workflows, the application and, with a token, the settings on GitHub, and says how to mend what is wrong. ' +
        'The token is GITHUB_TOKEN, GH_TOKEN or that of "gh auth login"; to read every setting it has to be of an administrator. Changes nothing.',
    )
    .option('--repository <owner/name>', 'the repository on GitHub (default: that of the remote)')
    .addHelpText('after', examples('fairlead doctor', 'fairlead doctor --json'))
    .action((options) => execute(async () => (await import('./commands/doctor.ts')).doctor, globals(options, program)));
}

function defineBootstrap(program: Command, execute: Execute): void {
  const bootstrap = program
    .command('bootstrap')
    .summary('let a cloud trust the jobs of this repository')
    .description(
      'Prints what makes a cloud trust the jobs of this repository, without any key that lasts, or creates it with --apply.',
    );
  const trust = (command: Command) =>
    command
      .option('--repository <owner/name>', 'the repository on GitHub (default: that of the remote)')
      .option('--repository-id <number>', 'its number (default: GitHub is asked)', identifier)
      .option('--owner-id <number>', 'the number of its owner (default: GitHub is asked)', identifier)
      .option('--branch <name>', 'the branch that production follows (default: the default branch)')
      .option('--forks', 'also for the environment of allowed forks, preview-fork')
      .option('--kit-commit <sha>', 'where your workflows call those of Fairlead by this commit', commit)
      .option('--apply', 'create it, or bring what is there up to date');

  trust(
    bootstrap
      .command('aws')
      .summary('roles of AWS for GitHub')
      .description(
        'Prints an AWS CloudFormation template: the identity provider of GitHub, one role for previews and one for production, and the most ' +
          'that they can be allowed. Today they may keep images in Amazon ECR; more comes with the target aws. With --apply, makes the stack or updates it.',
      ),
  )
    .option('--app <dir>', 'only this application; may be given several times (default: all that are found)', several)
    .option('--registry-prefix <prefix>', 'what stands before the application in the names of its images', path)
    .option('--existing-provider', 'the account has the identity provider of GitHub already')
    .option('--region <region>', 'with --apply: the region of the stack (default: AWS_REGION)')
    .option('--stack-name <name>', 'with --apply: its name (default: fairlead-github-OWNER-NAME)')
    .addHelpText(
      'after',
      examples(
        'fairlead bootstrap aws > trust.json',
        'fairlead bootstrap aws --repository acme/shop --repository-id 1296269 --owner-id 583231',
        'fairlead bootstrap aws --apply --region eu-west-1',
      ),
    )
    .action((options) => execute(async () => (await import('./commands/bootstrap.ts')).aws, globals(options, program)));

  trust(
    bootstrap
      .command('gcp')
      .summary('service accounts of Google Cloud for GitHub')
      .description(
        'Prints a script of gcloud commands: a pool of identities with GitHub as provider, one service account for previews and one for production, ' +
          'and a repository of images. Today they may keep images in it; more comes with the target gcp. With --apply, runs them.',
      ),
  )
    .requiredOption('--project <id>', 'the project')
    .option('--location <location>', 'of the repository of images', 'europe-west1')
    .option('--registry <name>', 'the repository of images in Artifact Registry', 'fairlead')
    .addHelpText(
      'after',
      examples(
        'fairlead bootstrap gcp --project acme-shop > trust.sh',
        'fairlead bootstrap gcp --project acme-shop --location us-central1 --apply',
      ),
    )
    .action((options) => execute(async () => (await import('./commands/bootstrap.ts')).gcp, globals(options, program)));
}

const environmentTypes = ['production', 'development', 'preview', 'local'] as const;

function directory(): Argument {
  return new Argument('[dir]', 'directory of the application');
}

function globals<Options extends object>(options: Options, program: Command): Options & GlobalOptions {
  return { ...options, ...program.opts<GlobalOptions>() };
}

function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

function path(text: string): string {
  if (text) return text;
  throw new InvalidArgumentError('A path cannot be empty.');
}

function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.every((name) => name !== '')) return [...new Set(list)];
  throw new InvalidArgumentError('Names are separated by single commas.');
}

function several(text: string, before: string[] = []): string[] {
  return [...before, path(text)];
}

function identifier(text: string): number {
  return wholeNumber(
    text,
    1,
    Number.MAX_SAFE_INTEGER,
    'The number of a repository or an owner is a whole number from 1.',
  );
}

function commit(text: string): string {
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  throw new InvalidArgumentError('A commit is named by all of its 40 digits.');
}

function pullRequest(text: string): number {
  return wholeNumber(text, 1, 999_999_999, 'The number of a pull request is a whole number from 1 to 999999999.');
}

function port(text: string): number {
  return wholeNumber(text, 1, 65_535, 'A port is a whole number from 1 to 65535.');
}

function count(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER, 'A number of lines is a whole number from 0.');
}

function releaseCount(text: string): number {
  return wholeNumber(text, 1, 1_000_000, 'A number of releases is a whole number from 1.');
}

function wholeNumber(text: string, min: number, max: number, rule: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new InvalidArgumentError(rule);
}

function types(text: string): (typeof environmentTypes)[number][] {
  return [...new Set(text.split(','))].map((name) => {
    const type = environmentTypes.find((known) => known === name.trim());
    if (type) return type;
    throw new InvalidArgumentError(`The types are ${environmentTypes.join(', ')}.`);
  });
}
