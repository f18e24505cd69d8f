import { join, posix, relative, resolve, sep } from 'node:path';
import { applicationName } from '../../analyzer/application-name.ts';
import { derivedDirectories } from '../../analyzer/derived.ts';
import { Disk } from '../../analyzer/disk.ts';
import { findWorkspace, type PackageManager, packageManagerOf, readOr } from '../../analyzer/workspaces.ts';
import { git } from '../git.ts';
import { setupError } from '../setup-error.ts';

/** An application in a repository. */
export interface FoundApplication {
  /** Relative to the repository, with `/`; `.` for its root. */
  directory: string;
  name: string;
  packageManager: PackageManager;
  /** Relative to the repository; absent when what would be installed is left to chance. */
  lockfile?: string;
}

/** What package managers write, in the order in which a build looks for it. */
export const lockfiles: readonly [file: string, manager: PackageManager][] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

const source = /\.(ts|mts|tsx)$/;
const notSource = /\.(test|spec|d)\.(ts|mts|tsx)$/;
/** Declares a service or a part of one; libraries and web pages import other modules of the runtime at most. */
const declares = /['"]encore\.dev\/(api|service|pubsub)['"]/;

/**
 * The applications among the files that git knows or would add: directories with a `package.json` that say so with an `encore.app`
 * or `fairlead.json`, or whose own sources declare services. What lies in an application is part of it, unless it says so itself.
 * @param root of the working tree, absolute
 */
export async function findApplications(root: string): Promise<FoundApplication[]> {
  const files = await filesOf(root);
  const disk = new Disk(root);
  const packages = new Set(named(files, 'package.json'));
  const marked = new Set(
    [...named(files, 'encore.app'), ...named(files, 'fairlead.json')].filter((one) => packages.has(one)),
  );
  const found = new Set(marked);
  for (const file of files) {
    const owner = ownerOf(file, packages);
    if (owner === undefined || ancestors(owner).some((directory) => found.has(directory))) continue;
    if (declaresService(root, file, disk)) found.add(owner);
  }
  const isPart = (one: string) => one !== '.' && ancestors(posix.dirname(one)).some((above) => found.has(above));
  const outermost = [...found].filter((one) => marked.has(one) || !isPart(one));
  return outermost.sort().map((directory) => describe(root, directory, disk));
}

/**
 * The application in a directory that the user named: one that says so with an `encore.app` or `fairlead.json`, or whose own
 * sources declare services.
 * @param directory absolute, or relative to the root
 * @throws UserError FL6302 for one without services, and what `applicationAt` throws
 */
export async function serviceApplicationAt(root: string, directory: string): Promise<FoundApplication> {
  const application = applicationAt(root, directory);
  const { directory: path } = application;
  const disk = new Disk(root);
  const marks = ['encore.app', 'fairlead.json'].map((file) => join(root, path, file));
  if (marks.some((file) => disk.fileExists(file)) || (await hasOwnService(root, path, disk))) return application;
  throw setupError(
    'FL6302',
    `${path === '.' ? `the root of the repository, ${root},` : path} is not an application: its sources declare no services`,
    'Name the directory of the application, relative to where you are.',
  );
}

/** The package in a directory. @throws UserError FL1001, FL1002, FL1005, or FL6305 for one outside */
export function applicationAt(root: string, directory: string): FoundApplication {
  const path = relative(root, resolve(root, directory)).split(sep).join('/') || '.';
  if (path === '..' || path.startsWith('../'))
    throw setupError('FL6305', `${directory} is not in the repository ${root}`, 'Name a directory of this repository.');
  const disk = new Disk(root);
  if (!disk.fileExists(join(root, path, 'package.json')))
    throw setupError(
      'FL6305',
      `${path} is not an application: it has no package.json`,
      'Name the directory that holds the package.json of the application.',
    );
  return describe(root, path, disk);
}

async function hasOwnService(root: string, directory: string, disk: Disk): Promise<boolean> {
  const files = await filesOf(root);
  const packages = new Set(named(files, 'package.json')).add(directory);
  return files.some((file) => ownerOf(file, packages) === directory && declaresService(root, file, disk));
}

/** The files that git knows or would add, without what is derived from others. */
async function filesOf(root: string): Promise<string[]> {
  const listed = await git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  return (listed ?? '').split('\0').filter((file) => file !== '' && !isDerived(file));
}

/** The nearest package upwards. */
function ownerOf(file: string, packages: ReadonlySet<string>): string | undefined {
  return ancestors(posix.dirname(file)).find((directory) => packages.has(directory));
}

function declaresService(root: string, file: string, disk: Disk): boolean {
  return source.test(file) && !notSource.test(file) && declares.test(readOr(disk, join(root, file)) ?? '');
}

function describe(root: string, directory: string, disk: Disk): FoundApplication {
  const path = directory === '.' ? root : join(root, directory);
  const locked = nearestLockfile(root, directory, disk);
  return {
    directory,
    name: applicationName(path, disk),
    ...(locked ?? {
      packageManager: packageManagerOf(
        findWorkspace(path, disk, { error: () => {}, relative: (file) => file }).root,
        disk,
      ),
    }),
  };
}

/** As `actions/build` does: in the nearest directory upwards that has one, which is the root of a workspace. */
function nearestLockfile(root: string, directory: string, disk: Disk) {
  for (const place of ancestors(directory)) {
    const found = lockfiles.find(([file]) => disk.fileExists(join(root, place, file)));
    if (found) return { packageManager: found[1], lockfile: posix.join(place, found[0]) };
  }
  return undefined;
}

/** The directories that hold a file of this name. */
function named(files: readonly string[], name: string): string[] {
  return files.filter((file) => posix.basename(file) === name).map((file) => posix.dirname(file));
}

/** A directory and those above it, up to `.`. */
function ancestors(directory: string): string[] {
  return directory === '.' ? ['.'] : [directory, ...ancestors(posix.dirname(directory))];
}

function isDerived(file: string): boolean {
  return file.split('/').some((part) => derivedDirectories.has(part));
}
