import { Command, Option } from 'commander';
import { version } from '../pipeline/version.ts';
import { defineAnalysis } from './program/analysis.ts';
import { defineCloud } from './program/cloud.ts';
import { defineDelivery } from './program/delivery.ts';
import { defineDevelopment } from './program/development.ts';
import { defineGitHub } from './program/github.ts';
import { defineOperation } from './program/operation.ts';
import { type Execute, path } from './program/shared.ts';

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
    .addOption(
      new Option('--cloud <name>', 'where environments are (default: target of fairlead.json, or local)')
        .env('FAIRLEAD_CLOUD')
        .choices(['aws', 'local']),
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
  defineDevelopment(program, execute);
  defineDelivery(program, execute);
  defineOperation(program, execute);
  defineCloud(program, execute);
  defineGitHub(program, execute);
  return program;
}
