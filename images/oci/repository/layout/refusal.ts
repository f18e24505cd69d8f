import { systemCode } from '../../../files.ts';
import { repositoryError } from '../errors.ts';

/** What the system says when a disk is full or a place is not ours to write. */
const reasons: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file system takes no file of this size',
  ENOTDIR: 'a file is where a directory should be',
  EISDIR: 'a directory is where a file should be',
};

/** SQLite's numbers for what it could not do with the file of a lock. */
const ofLock: Record<number, string> = {
  3: 'EACCES',
  8: 'EROFS',
  13: 'ENOSPC',
  14: 'EACCES',
};

/** The error to throw for one of the system. */
export function layoutRefusal(error: unknown, directory: string): unknown {
  const code = systemCode(error) ?? '';
  const number = code === 'ERR_SQLITE_ERROR' ? (error as { errcode: number }).errcode & 0xff : undefined;
  const reason = reasons[number === undefined ? code : (ofLock[number] ?? '')];
  if (reason === undefined) return error;
  return repositoryError(
    'FL2212',
    `the image layout at ${directory} cannot be used: ${reason}`,
    'Make room, give the permission, or name another directory.',
    error,
  );
}
