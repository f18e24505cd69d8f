import { type Command, CommanderError } from 'commander';
import { createContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { reportFailure, reportUsage } from './failure.ts';
import type { Execute } from './program/shared.ts';
import { createProgram } from './program.ts';
import { rootOf } from './root.ts';
import { withBetterSuggestion } from './suggestion.ts';

/** Runs one command line and returns the exit code. The only place where errors are caught. */
export async function main(argv: string[]): Promise<number> {
  // What follows belongs to another command.
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  if (own.includes('--no-color')) {
    process.env.NO_COLOR = '1';
    delete process.env.FORCE_COLOR;
  }
  // To commander a variable that is empty is a value.
  for (const name of ['FAIRLEAD_STATE_DIR', 'FAIRLEAD_CACHE_DIR', 'FAIRLEAD_CLOUD'])
    if (process.env[name] === '') delete process.env[name];
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreLostReader);
  process.on('uncaughtException', (error) => process.exit(reportFailure(error, { json: false, root: '.' })));
  let exitCode: number = exitCodes.done;
  const execute: Execute = async (load, options, directory) => {
    const json = options.json ?? false;
    try {
      const context = await createContext(options, directory);
      const result = await (await load())(context, options);
      if (!result) return;
      if ('text' in result)
        process.stdout.write(json ? `${JSON.stringify(result.document, null, 2)}\n` : `${result.text}\n`);
      exitCode = result.exitCode ?? exitCodes.done;
    } catch (error) {
      exitCode = reportFailure(error, { json, root: rootOf(options.dir, directory) });
    }
  };
  const program = createProgram(execute);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return parsingEnded(error, program, own);
  }
}

/** Help and version end the parsing too; everything else is a wrong command line. */
function parsingEnded(error: CommanderError, program: Command, argv: string[]): number {
  if (error.exitCode === 0) return exitCodes.done;
  if (error.code === 'commander.help') return exitCodes.usage;
  const help = `See "${['fairlead', ...commandIn(argv, program)].join(' ')} --help".`;
  return reportUsage(withBetterSuggestion(error.message.replace(/^error: /, '')), help, argv.includes('--json'));
}

/** The names of the command and of those within it that the arguments lead to. */
function commandIn(argv: readonly string[], program: Command): string[] {
  const known = new Map(program.commands.map((command) => [command.name(), command]));
  const at = argv.findIndex((word) => known.has(word));
  const command = known.get(argv[at] ?? '');
  return command ? [command.name(), ...commandIn(argv.slice(at + 1), command)] : [];
}

/** Whoever reads our output may stop reading, as `head` does: no reason to leave the work half done. */
function ignoreLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
