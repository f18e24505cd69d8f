import { type Diagnostic, UserError } from '../analyzer/diagnostic.ts';
import { machineRefusal } from '../pipeline/machine-refusal.ts';
import { version } from '../pipeline/version.ts';
import { exitCodes } from './exit-codes.ts';
import { forLog } from './for-log.ts';
import { Interrupted } from './interruption.ts';
import { paintError } from './paint.ts';
import { renderDiagnostics } from './render-diagnostics.ts';

/** Says on standard error, or with `json` as the document on standard output, why a command failed. Returns the exit code. */
export function reportFailure(error: unknown, { json, root }: { json: boolean; root: string }): number {
  if (error instanceof Interrupted) {
    if (json) printJson({ interrupted: true, diagnostics: [] });
    return error.exitCode;
  }
  const known = error instanceof UserError ? error : machineRefusal(error);
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

/** On one line, so that it may also end a stream of events. */
function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}
