import { posix } from 'node:path';
import { type Diagnostic, UserError } from '../../../pipeline/mod.ts';
import { problemOfName } from './entry-name.ts';
import { isLink, type LayerFile } from './layer-file.ts';
import { follow } from './links.ts';
import { readText } from './read-content.ts';
import { looksSecret } from './secrets.ts';

export type Arranged = LayerFile | { path: string; directory: true };

/**
 * Everything of a layer in the order of code units, each directory once and before what is in it.
 * @param allowed the paths that may go in although they look as if they held secrets; one that ends in `/` is a directory
 * @throws UserError with everything that cannot go in at once: FL2301, FL2302, FL2303, FL2305
 */
export async function arrange(files: readonly LayerFile[], allowed: readonly string[]): Promise<Arranged[]> {
  const problems = [
    ...files.flatMap(({ path }) => problem('FL2301', path, problemOfName(path), helps.name)),
    ...clashes(files),
    ...badLinks(files),
    ...(await secrets(files, allowed)),
  ];
  if (problems.length > 0) throw new UserError(problems.sort((a, b) => compare(a.message, b.message)));
  const directories = [...directoriesOf(files)].map((path) => ({ path, directory: true }) as const);
  return [...directories, ...files].sort((a, b) => compare(a.path, b.path));
}

const helps = {
  name: 'Rename the file, or leave it out of what is shipped.',
  clash: 'Leave out all but one of them.',
  link: 'Replace the link by the file itself, or leave it out of what is shipped.',
  secret:
    'Take it out of the application and declare a secret instead, or name it in the list of allowed files when it holds none.',
};

function clashes(files: readonly LayerFile[]): Diagnostic[] {
  const directories = directoriesOf(files);
  const seen = new Set<string>();
  return files.flatMap(({ path }) => {
    const reason = seen.has(path)
      ? 'two files have this path'
      : directories.has(path)
        ? 'it is a directory of other files too'
        : undefined;
    seen.add(path);
    return problem('FL2302', path, reason, helps.clash);
  });
}

function badLinks(files: readonly LayerFile[]): Diagnostic[] {
  const links = new Map(files.filter(isLink).map(({ path, link }) => [path, link]));
  return [...links].flatMap(([path, target]) =>
    problem('FL2303', path, problemOfLink(path, target, links), helps.link),
  );
}

function problemOfLink(path: string, target: string, links: ReadonlyMap<string, string>): string | undefined {
  if (target === '' || target.includes('\0') || !target.isWellFormed()) return 'its link has no valid target';
  const destination = follow(path, links);
  if (destination === 'loop') return 'its link leads back to itself';
  return destination === 'outside' ? `its link leads out of the image, to ${JSON.stringify(target)}` : undefined;
}

async function secrets(files: readonly LayerFile[], allowed: readonly string[]): Promise<Diagnostic[]> {
  const exempt = (path: string): boolean =>
    allowed.some((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));
  const found: Diagnostic[] = [];
  for (const file of files) {
    if (exempt(file.path)) continue;
    const secret = await looksSecret(file.path, async () => (isLink(file) ? '' : readText(file)));
    if (secret) found.push(...problem('FL2305', file.path, 'it looks as if it held secrets', helps.secret));
  }
  return found;
}

function problem(code: Diagnostic['code'], path: string, reason: string | undefined, help: string): Diagnostic[] {
  if (reason === undefined) return [];
  return [{ code, severity: 'error', message: `${JSON.stringify(path)} cannot go into an image: ${reason}`, help }];
}

function directoriesOf(files: readonly LayerFile[]): Set<string> {
  const found = new Set<string>();
  for (const { path } of files) {
    for (let at = posix.dirname(path); at !== '.' && at !== '/' && !found.has(at); at = posix.dirname(at))
      found.add(at);
  }
  return found;
}

/** By code units, not by the rules of a language, which differ from machine to machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
