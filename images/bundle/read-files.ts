import { access, constants, lstat, readFile } from 'node:fs/promises';
import { isAbsolute, join, posix, relative } from 'node:path';
import { UserError } from '../../pipeline/mod.ts';
import { systemCode } from '../files.ts';
import { slashes } from './esbuild.ts';
import { ignoredByGit } from './git-ignored.ts';
import { type ImageRoots, imagePathOf } from './image-path.ts';
import { type NamedPath, namedPaths } from './named-paths.ts';
import { type Bounds, type FoundFile, type Walked, walk } from './walk.ts';

/**
 * What an application reads while it runs, such as templates and schemas: files and directories that its code names by paths, as seen from
 * the application's directory, which is also where it runs, or from the module's own.
 */
export interface ReadOptions extends ImageRoots {
  /** Relative to the root: what goes into images otherwise, such as migrations, and does not for being mentioned alone. */
  elsewhere: readonly string[];
}

/**
 * The files that the sources of a process name, and those in directories that they name, without code. By where they are in the application,
 * each once.
 * @throws UserError FL2010, FL2306 and FL2307 for what is in the way of them; what is only mentioned is left out then
 */
export async function readByCode(options: ReadOptions, sources: readonly string[]): Promise<FoundFile[]> {
  const modules = sources.filter((source) => /\.[cm]?[jt]sx?$/.test(source));
  const named = (await Promise.all(modules.map((module) => namedIn(options.root, module)))).flat();
  const distinct = [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
  const there = await Promise.all(distinct.map((one) => isRead(options, sources, one)));
  const found = distinct.filter((_, index) => there[index]);
  const meant = new Set(found.filter((one) => !one.mentioned).map(({ path }) => path));
  const mentioned = new Set(found.flatMap(({ path }) => (meant.has(path) ? [] : [path])));
  const files = [
    ...(await throwing(walkEach(options, sources, meant))),
    ...(await ofCheckout(options, (await walkEach(options, sources, mentioned)).files)),
  ];
  const bySource = new Map(files.map((file) => [file.source, file]));
  return [...bySource.values()].sort((one, other) => (one.source < other.source ? -1 : 1));
}

type Found = Pick<NamedPath, 'path' | 'directory' | 'mentioned'>;

/** What code calls it is not where it is: `../web/a` is in the application, where that is called `web`. */
async function namedIn(root: string, module: string): Promise<Found[]> {
  return namedPaths(await readFile(join(root, module), 'utf8')).map(({ from, path, ...rest }) => {
    const seen = from === 'module' ? posix.join(posix.dirname(module), path) : path;
    return { ...rest, path: isAbsolute(seen) ? seen : slashes(relative(root, join(root, seen))) };
  });
}

const isTypeScript = (path: string) => /\.[cm]?tsx?$/.test(path);

async function isRead(
  { root, workspace, elsewhere }: ReadOptions,
  sources: readonly string[],
  { path, directory, mentioned }: Found,
): Promise<boolean> {
  if (!isAllowed(path) || imagePathOf(join(root, path), { root, workspace }) === undefined) return false;
  if (mentioned && elsewhere.some((one) => overlap(one, path))) return false;
  const entry = await lstat(join(root, path)).catch(unlessAbsent);
  if (entry?.isFile()) return !isTypeScript(path) && !(mentioned && sources.includes(path));
  if (!entry?.isDirectory() || !directory) return false;
  return !sources.some((source) => source.startsWith(`${path}/`));
}

/** What is too long is no path, and what nobody may look at is none to go along. */
function unlessAbsent(error: unknown): undefined {
  if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) return;
  throw error;
}

/** None of what is hidden, installed or generated, and no place itself. */
function isAllowed(path: string): boolean {
  if (path.length > 1024 || path.includes('\0') || isAbsolute(path)) return false;
  const names = path.replace(/^(?:\.\.\/)+/, '').split('/');
  return path !== '' && !names.some(isLeftOut) && names[0] !== 'encore.gen';
}

function isLeftOut(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

function overlap(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/** In directories neither files of TypeScript are taken, nor those that are bundled. */
async function walkEach(
  { root, workspace }: ReadOptions,
  sources: readonly string[],
  paths: ReadonlySet<string>,
): Promise<Walked> {
  const bundled = new Set(sources.map((source) => join(root, source)));
  const walks = Array.from(paths, async (path) => {
    const bounds = path.startsWith('../') ? workspace : root;
    const { files, problems } = await walk({ root: bounds, ...read }, slashes(relative(bounds, join(root, path))));
    const found = files.map(({ source, file }) => ({ source: slashes(relative(root, join(bounds, source))), file }));
    const isCode = ({ source, file }: FoundFile) => isTypeScript(source) || isTypeScript(file) || bundled.has(file);
    return { files: found.filter((one) => one.source === path || !isCode(one)), problems };
  });
  const walked = await Promise.all(walks);
  return { files: walked.flatMap(({ files }) => files), problems: walked.flatMap(({ problems }) => problems) };
}

const read: Omit<Bounds, 'root'> = {
  failing: 'is read by code, and cannot go into an image',
  isSkipped: (_, name) => isLeftOut(name),
  isBarred: isLeftOut,
};

async function throwing(walking: Promise<Walked>): Promise<FoundFile[]> {
  const { files, problems } = await walking;
  if (problems.length > 0) throw new UserError(problems);
  return files;
}

/** What another checkout of the same commit may have as well, of what can be read here. */
async function ofCheckout({ root }: ReadOptions, files: readonly FoundFile[]): Promise<FoundFile[]> {
  const ignored = await ignoredByGit(
    root,
    files.map(({ file }) => file),
  );
  const kept = files.filter(({ file }) => !ignored.has(file));
  const readable = await Promise.all(kept.map(({ file }) => access(file, constants.R_OK).then(always, never)));
  return kept.filter((_, index) => readable[index]);
}

const always = () => true;
const never = () => false;
