// Makes a release: a commit that has what was built, and the tags that workflows name. `.github/workflows/release.yml` runs it.
//   node release.ts check 0.2.0            whether that can be released from here
//   node release.ts digest                 what was built, byte for byte
//   node release.ts tag 0.2.0 sha256:…     commits that and nothing else, and pushes the tags
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Runs git in a checkout and returns what it prints. */
export type Git = (args: string[], env?: Record<string, string>) => string;

export function gitIn(directory: string): Git {
  return (args, env = {}) =>
    execFileSync('git', args, { cwd: directory, encoding: 'utf8', env: { ...process.env, ...env } }).trim();
}

/** What is built, and lies in no commit but those of releases: the actions, and what applications run on. */
export const built = ['dist', 'runtime/dist'] as const;

/** The digest of what was built in a checkout: of the names and the bytes of its files, in one order everywhere. */
export function digestOf(root: string): string {
  const lines = built.flatMap((directory) => {
    const files = filesOf(root, directory);
    if (files.length === 0) throw new Error(`${directory} has no files`);
    return files.map((path) => `${sha256(readFileSync(join(root, path)))}  ${path}\n`);
  });
  return `sha256:${sha256(lines.join(''))}`;
}

function filesOf(root: string, directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/**
 * What a version is called, and the tag that moves to it.
 * @param declared the version in package.json
 * @param released the tags that there are
 * @throws Error when it is not the version of the sources, or not later than all of its major version
 */
export function tagsFor(
  version: string,
  declared: string,
  released: readonly string[],
): { tag: string; moves?: string } {
  const parts = partsOf(version);
  if (!parts) throw new Error(`${JSON.stringify(version)} is not a version such as 1.2.3 or 1.3.0-rc.1`);
  if (version !== declared) throw new Error(`package.json says ${declared}, not ${version}`);
  const later = released.map((tag) => tag.replace(/^v/, '')).filter((one) => isLater(one, parts));
  if (later.length > 0) throw new Error(`v${later[0]} is released already, and is later`);
  // Who follows a major version gets no release candidates.
  return { tag: `v${version}`, ...(parts.candidate === undefined && { moves: `v${parts.numbers[0]}` }) };
}

interface Parts {
  numbers: [number, number, number];
  candidate?: string;
}

function partsOf(version: string): Parts | undefined {
  const match = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([a-z]+\.\d+))?$/.exec(version);
  if (!match) return undefined;
  const numbers: Parts['numbers'] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return { numbers, ...(match[4] !== undefined && { candidate: match[4] }) };
}

/** Whether a version without a candidate, of the same major one, comes after. */
function isLater(version: string, { numbers: [major, minor, patch] }: Parts): boolean {
  const parts = partsOf(version);
  if (!parts || parts.candidate !== undefined || parts.numbers[0] !== major) return false;
  return parts.numbers[1] > minor || (parts.numbers[1] === minor && parts.numbers[2] > patch);
}

/**
 * Commits what was built on top of what is checked out, and pushes the tags all at once. The commit depends on nothing but the
 * sources, so that whoever builds them again gets the same one, and a second run after a failed one changes nothing.
 * @param digest what has to lie there
 * @throws Error when it is something else, or the tag is taken by another commit
 */
export function release(git: Git, { tag, moves }: { tag: string; moves?: string }, digest: string): string {
  const found = digestOf(git(['rev-parse', '--show-toplevel']));
  if (found !== digest) throw new Error(`what lies here is ${found}, and not what was built, ${digest}`);
  git(['checkout', '--quiet', '--detach']);
  const when = git(['show', '--no-patch', '--format=%cI', 'HEAD']);
  const by = {
    NAME: 'github-actions[bot]',
    EMAIL: '41898282+github-actions[bot]@users.noreply.github.com',
    DATE: when,
  };
  const who = Object.entries(by).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  git(['add', '--force', ...built]);
  git(['commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message', `Release ${tag}`], Object.fromEntries(who));
  const commit = git(['rev-parse', 'HEAD']);
  const taken = remoteTags(git).get(tag);
  if (taken !== undefined && taken !== commit) throw new Error(`${tag} is ${taken} already, and not ${commit}`);
  const refs = [`${commit}:refs/tags/${tag}`, ...(moves === undefined ? [] : [`+${commit}:refs/tags/${moves}`])];
  git(['push', '--quiet', '--atomic', 'origin', ...refs]);
  return commit;
}

/** The tags of `origin`, each with the commit that it is at. */
export function remoteTags(git: Git): Map<string, string> {
  const lines = git(['ls-remote', '--tags', 'origin']).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, commit, tag] = /^([0-9a-f]+)\s+refs\/tags\/(.+)$/.exec(line) ?? [];
      return commit && tag ? [[tag, commit]] : [];
    }),
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function main([command, first = '', digest = '']: string[]): string {
  const git = gitIn(import.meta.dirname);
  if (command === 'digest') return digestOf(import.meta.dirname);
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as {
    version: string;
  };
  const tags = tagsFor(first, version, [...remoteTags(git).keys()]);
  if (command === 'check') return tags.tag;
  if (command === 'tag') return release(git, tags, digest);
  throw new Error('usage: node release.ts check VERSION | digest | tag VERSION DIGEST');
}

if (import.meta.main) {
  try {
    console.log(main(process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
