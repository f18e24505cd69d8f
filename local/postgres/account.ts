import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../pipeline/user-error.ts';

/** The user the server runs as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/**
 * Whom to run PostgreSQL as: undefined is ourselves; as root, which it refuses, a user of the system that owns nothing.
 * @throws UserError FL4005 when there is none
 */
export function chooseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const account = accountFrom(readFileSync('/etc/passwd', 'utf8'));
  if (account) return account;
  throw new UserError({
    code: 'FL4005',
    severity: 'error',
    message: 'PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody',
    help: 'Run Fairlead as an ordinary user, or add a system user named postgres.',
  });
}

/** Of the lines of `/etc/passwd`: `postgres` before `nobody`. */
export function accountFrom(passwd: string): Account | undefined {
  const accounts = passwd.split('\n').map((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  return ['postgres', 'nobody'].map((name) => accounts.find((one) => one.name === name && one.uid > 0)).find(Boolean);
}

/** The nearest parent of `path` that keeps the account out; undefined when it can get there. */
export function barrier(path: string, account: Account): string | undefined {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { mode, uid, gid } = statSync(directory);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}
