import { UserError } from '../analyzer/diagnostic.ts';

/** What the machine refuses whatever Fairlead does is for the user to mend: FL5004. Undefined for any other error. */
export function machineRefusal(error: unknown): UserError | undefined {
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
