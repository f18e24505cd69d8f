import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Removes from the content of a cache of npm whatever is not a tarball of the lock: what somebody put there is of no use to them. A
 * file lies under its own SHA-512, which is compared with what it has.
 * @param directory `content-v2`; need not be there
 * @param integrities of the lock, as `sha512-…` in Base64
 * @returns how many files are left, and how many were removed
 */
export async function verifyContent(
  directory: string,
  integrities: readonly string[],
): Promise<{ kept: number; removed: number }> {
  if (!existsSync(directory)) return { kept: 0, removed: 0 };
  const wanted = new Set(integrities.map(hexOf));
  const count = { kept: 0, removed: 0 };
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const isGood = await isOwn(path, relative(directory, path), wanted);
    count[isGood ? 'kept' : 'removed'] += 1;
    if (!isGood) await rm(path, { force: true });
  }
  return count;
}

async function isOwn(path: string, name: string, wanted: ReadonlySet<string>): Promise<boolean> {
  const [algorithm, ...parts] = name.split(sep);
  const digest = parts.join('');
  if (algorithm !== 'sha512' || parts.length !== 3 || !wanted.has(digest)) return false;
  if (!(await lstat(path)).isFile()) return false;
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === digest;
}

function hexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}
