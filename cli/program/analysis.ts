import { type Command, Option } from 'commander';
import { directory, type Execute, examples, globals, names, path, port } from './shared.ts';

export function defineAnalysis(program: Command, execute: Execute): void {
  program
    .command('check')
    .summary('find what is wrong with the application')
    .description(
      'Analyzes the application, without running it, and prints everything that keeps it from being run, each with its place. Types are read, not checked: that is for tsc. ' +
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
      execute(async () => (await import('../commands/check.ts')).check, globals(options, program), dir),
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
      execute(async () => (await import('../commands/explain.ts')).explain, {
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
      execute(async () => (await import('../commands/generate.ts')).generate, globals(options, program), dir),
    );

  defineGeneration(program, execute);

  program
    .command('run')
    .summary('run the application here and follow its sources')
    .description(
      'Runs all services with a real PostgreSQL, topics and cron in the environment "local", and again after every change of the sources. ' +
        'While a change does not build, the version before it keeps answering. Ctrl-C stops the processes and keeps the data, and PostgreSQL for the next start.\n\n' +
        'Secrets come from "fairlead secret set NAME --type local" and from .secrets.local.json or .secrets.local.cue beside package.json, which wins. ' +
        'With --json every event is one JSON object per line on standard output.',
    )
    .addArgument(directory())
    .option('-p, --port <port>', 'port of the front door (default: a free one, kept for the next time)', port)
    .addHelpText('after', examples('fairlead run', 'fairlead run --port 4000'))
    .action((dir, options) =>
      execute(async () => (await import('../commands/run.ts')).run, globals(options, program), dir),
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
        async () => (await import('../commands/graph.ts')).graph,
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
      return execute(async () => (await import('../commands/graph-diff.ts')).graphDiff, {
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
      execute(async () => (await import('../commands/gen.ts')).client, globals(options, program), dir),
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
      execute(async () => (await import('../commands/gen.ts')).openapi, globals(options, program), dir),
    );
}
