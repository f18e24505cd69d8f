import { writeFileSync } from 'node:fs';
import { UserError } from '../analyzer/diagnostic.ts';

/** Writes what a command found to a file, relative to the current directory. @throws UserError FL5013 when that cannot be */
export function writeResult(file: string, text: string): void {
  try {
    writeFileSync(file, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw new UserError(
      {
        code: 'FL5013',
        severity: 'error',
        message: `the result cannot be written to ${file}: ${(error as Error).message}`,
        help: 'Name a file in a directory that exists and that you may write to.',
      },
      { cause: error },
    );
  }
}
