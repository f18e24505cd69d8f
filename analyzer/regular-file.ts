import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/**
 * Reads a file that has to be one: a pipe would keep the reader waiting for ever.
 * @throws what the system says, or ENOTREG for what is neither a file nor a directory
 */
export function readRegularFile(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() && !stats.isDirectory())
      throw Object.assign(new Error(`ENOTREG: ${path} is not a regular file`), { code: 'ENOTREG', path });
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
