import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Lock, lockFile, readLock, writeLock } from '../../../images/base/mod.ts';
import { failureOf } from '../oci/content.ts';
import { directory } from '../sample.ts';

const lock: Lock = { version: 1, base: { image: 'registry.example:5000/node:24', digest: `sha256:${'a'.repeat(64)}` } };

test('a lock is read as it was written: sorted, with a final newline, and nothing beside it', async () => {
  await using root = await directory();
  expect(await readLock(root.path)).toBeUndefined();
  await writeLock(root.path, { ...lock, base: { ...lock.base, digest: `sha256:${'b'.repeat(64)}` } });
  await writeLock(root.path, lock);
  expect(await readFile(join(root.path, lockFile), 'utf8')).toBe(
    `{\n  "base": {\n    "digest": "${lock.base.digest}",\n    "image": "${lock.base.image}"\n  },\n  "version": 1\n}\n`,
  );
  expect(await readLock(root.path)).toEqual(lock);
  expect(await readdir(root.path)).toEqual([lockFile]);
});

test.each<[string, string, string]>([
  ['nothing', '', 'it is not JSON'],
  ['a merge', '<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n', 'marks of a merge'],
  ['another value', '[]', 'it must be object'],
  ['a later form', JSON.stringify({ ...lock, version: 2 }), 'version must be equal to constant'],
  ['more', JSON.stringify({ ...lock, more: 1 }), 'additional properties'],
  ['a short digest', JSON.stringify({ ...lock, base: { ...lock.base, digest: 'sha256:a' } }), 'base.digest must match'],
  [
    'a name without a tag',
    JSON.stringify({ ...lock, base: { ...lock.base, image: 'a.b:5000/node' } }),
    'base.image must match',
  ],
])('a lock with %s is refused', async (_, text, how) => {
  await using root = await directory();
  await writeFile(join(root.path, lockFile), text);
  const failure = await failureOf(readLock(root.path));
  expect(failure.code).toBe('FL2502');
  expect(failure.text).toContain(how);
});
