import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { derivedDirectories } from '../../analyzer/derived.ts';
import type { Digest, Source } from '../../pipeline/mod.ts';
import { digestOfFiles, type FileHash, hashOf } from '../files.ts';

/** What is left behind by tools or secret, and so not part of what the application is. */
const skipped = /^(\.DS_Store|\.env.*|\.secrets.*)$/;

/** Says where an application's sources come from: the hash of its files, and the commit when it is exactly that. */
export async function readSource(root: string): Promise<Source> {
  const [hash, commit] = await Promise.all([hashSource(root), cleanCommit(root)]);
  return commit === undefined ? { hash } : { hash, commit };
}

/** SHA-256 over the application's files: their paths and contents. Modes and times do not count. */
export async function hashSource(root: string): Promise<Digest> {
  return digestOfFiles(await hashDirectory(root, ''));
}

async function hashDirectory(root: string, directory: string): Promise<FileHash[]> {
  const entries = await readdir(join(root, directory), { withFileTypes: true });
  const hashes = await Promise.all(
    entries
      .filter(({ name }) => !derivedDirectories.has(name) && !skipped.test(name))
      .map(async (entry): Promise<FileHash[]> => {
        const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
        if (entry.isDirectory()) return hashDirectory(root, path);
        if (entry.isFile()) return [{ path, hash: hashOf(await readFile(join(root, path))) }];
        // A link counts as the text it holds: following it could leave the application, or never end.
        if (entry.isSymbolicLink()) return [{ path, hash: hashOf(`link ${await readlink(join(root, path))}`) }];
        return [];
      }),
  );
  return hashes.flat();
}

/** The commit that holds these very files; undefined outside git, without git, or when anything differs from it. */
async function cleanCommit(root: string): Promise<string | undefined> {
  try {
    // The second name fails where the application's directory is not part of the commit, such as in an ignored one.
    const [[commit], changes] = await Promise.all([
      git(root, 'rev-parse', 'HEAD', 'HEAD:./'),
      git(root, 'status', '--porcelain', '--', '.'),
    ]);
    return changes.length === 0 ? commit : undefined;
  } catch {
    return undefined;
  }
}

async function git(cwd: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)('git', ['-c', 'core.fsmonitor=false', ...args], { cwd, env: gitEnv() });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Within a git hook the environment names another repository's parts; the directory alone decides here. */
function gitEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(own), GIT_OPTIONAL_LOCKS: '0' };
}
