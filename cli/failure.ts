import { type Diagnostic, UserError } from '../analyzer/diagnostic.ts';
import { forLog } from './annotations.ts';
import { exitCodes } from './exit-codes.ts';
import { Interrupted } from './interruption.ts';
import { paintError } from './paint.ts';
import { renderDiagnostics } from './render-diagnostics.ts';
import { version } from './version.ts';

/** Says on standard error, or with `json` as the document on standard output, why a command failed. Returns the exit code. */
export function reportFailure(error: unknown, { json, root }: { json: boolean; root: string }): number {
  if (error instanceof Interrupted) {
    if (json) printJson({ interrupted: true, diagnostics: [] });
    return error.exitCode;
  }
  const known = error instanceof UserError ? error : environmental(error);
  if (!known) return reportBug(error, json);
  reportDiagnostics(known.diagnostics, { json, root });
  return exitCodes.userError;
}

/** The command line is wrong: says so and where help is. */
export function reportUsage(message: string, help: string, json: boolean): number {
  reportDiagnostics([{ code: 'FL5001', severity: 'error', message, help }], { json, root: '.' });
  return exitCodes.usage;
}

function reportDiagnostics(diagnostics: readonly Diagnostic[], { json, root }: { json: boolean; root: string }): void {
  if (json) printJson({ diagnostics });
  else console.error(forLog(renderDiagnostics(diagnostics, { root, from: process.cwd(), paint: paintError })));
}

function reportBug(error: unknown, json: boolean): number {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (json) printJson({ diagnostics: [], bug: { message: String(error), stack, version } });
  console.error(
    `${paintError('red', 'This is a bug in Fairlead, not in your application.')}\n${stack}\n` +
      `fairlead ${version}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}\n` +
      'Please report it with the text above and what you were doing. Running the command again is safe.',
  );
  return exitCodes.bug;
}

/** What the machine refuses whatever Fairlead does is for the user to mend. */
function environmental(error: unknown): UserError | undefined {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const help = {
    ENOSPC: 'Free some space and run the command again; it continues where it stopped.',
    EDQUOT: 'Free some of your quota and run the command again; it continues where it stopped.',
    EROFS: 'Use a directory on a file system that can be written: see --state-dir.',
    EACCES: 'Give this user the permission that is missing, or use another directory.',
    EPERM: 'Give this user the permission that is missing, or use another directory.',
    EISDIR: 'A directory is where a file is expected: remove or rename it.',
    ENOTDIR: 'A file is where a directory is expected: remove or rename it.',
    ELOOP: 'A symbolic link leads back to itself: remove it, or let it lead to a file.',
    ENAMETOOLONG: 'Use a shorter name.',
    ENOTREG: 'A pipe, a socket or a device is where a file is expected: remove it.',
    EMFILE: 'Raise the limit of open files (ulimit -n) and run the command again.',
  }[code ?? ''];
  if (help === undefined) return undefined;
  return new UserError(
    { code: 'FL5004', severity: 'error', message: `The machine refused: ${message}`, help },
    { cause: error },
  );
}

/** On one line, so that it may also end a stream of events. */
function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
