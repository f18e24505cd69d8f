import { StartError } from '../infra/error.ts';
import log from '../log/mod.ts';

/** Writes what keeps an application from starting as one line of the log, and ends the process with 1. */
export function failStart(error: unknown): never {
  if (error instanceof StartError) log.error(error.message, { code: error.code, help: error.help });
  else log.error(error, 'the application could not be started');
  process.exit(1);
}
