import { dirname, join } from 'node:path';
import type { ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import type { Disk } from './disk.ts';
import { compare, type Report } from './report.ts';
import { packageOf } from './resolver.ts';
import { dependsOn, installCommand, packageManagerOf, readManifest, type Workspace } from './workspaces.ts';

/** An import that leads nowhere. */
export interface Unresolved {
  specifier: string;
  literal: ts.StringLiteralLike;
  /** The file of the import. */
  containing: string;
}

/** A package that is imported and not installed, or a module that a package of the workspace does not hold. */
export interface MissingPackage {
  /** Of the package, or the specifier of the module. */
  name: string;
  /** The specifier of its first import. */
  at: ts.Node;
  /** What is wrong with it. */
  state: string;
  /** What to do about it. */
  help: string;
}

/** What nothing in `node_modules`, in the workspace, in `paths` or among the ambient modules stands for; sorted by name. */
export function findMissingPackages(
  unresolved: readonly Unresolved[],
  program: ts.Program,
  workspace: Workspace,
  { root, disk }: Application,
): MissingPackage[] {
  const ambient = program.getTypeChecker().getAmbientModules();
  const patterns = [
    ...ambient.map(({ name }) => name.replace(/^"|"$/g, '')),
    ...Object.keys(program.getCompilerOptions().paths ?? {}).filter((pattern) => pattern !== '*'),
  ].map(modulePattern);
  const missing = new Map<string, Unresolved & { package: string }>();
  for (const found of unresolved) {
    const name = packageOf(found.specifier);
    // What has no place was added by the compiler.
    if (name === undefined || found.literal.pos < 0) continue;
    const isMember = workspace.members().has(name);
    const key = isMember ? found.specifier : name;
    const known = missing.get(key);
    if ((known && !isBefore(found, known)) || patterns.some((pattern) => pattern.test(found.specifier))) continue;
    if (isMember || !isInstalledFor(found.containing, name, disk)) missing.set(key, { ...found, package: name });
  }
  return [...missing]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, { literal, containing, package: owner }]): MissingPackage => {
      if (workspace.members().has(owner)) {
        return {
          name,
          at: literal,
          state: 'leads to no file of its package',
          help: 'Build the package, or correct its `exports`.',
        };
      }
      const command = commandFor(name, [packageRoot(containing, disk), root, workspace.root], workspace, disk);
      return { name, at: literal, state: 'is not installed', help: `Run \`${command}\`.` };
    });
}

/** Warns of each: what depends on its types is not known. */
export function reportMissingPackages(missing: readonly MissingPackage[], report: Report): void {
  for (const { name, at, state, help } of missing) {
    report.warning('FL1009', at, `\`${name}\` ${state}: types from it are unknown`, help);
  }
}

/** Installs what is listed; adds what no package.json lists. */
function commandFor(name: string, directories: string[], workspace: Workspace, disk: Disk): string {
  if (directories.some((directory) => dependsOn(readManifest(directory, disk), name))) {
    return installCommand(workspace.root, disk);
  }
  const manager = packageManagerOf(workspace.root, disk);
  return manager === 'npm' ? `npm install ${name}` : `${manager} add ${name}`;
}

/** The directory of the package that a file is of. */
function packageRoot(file: string, disk: Disk): string {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if (readManifest(directory, disk) || dirname(directory) === directory) return directory;
  }
}

function isInstalledFor(file: string, name: string, disk: Disk): boolean {
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    if (disk.directoryExists(join(directory, 'node_modules', name))) return true;
    if (dirname(directory) === directory) return false;
  }
}

function isBefore(a: Unresolved, b: Unresolved): boolean {
  return (compare(a.containing, b.containing) || a.literal.pos - b.literal.pos) < 0;
}

/** A module name in which one `*` may stand for anything. */
function modulePattern(name: string): RegExp {
  const escaped = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}
