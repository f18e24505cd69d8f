import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The runtime as it is published. */
export interface Packed {
  tarball: string;
  /** Paths in the package, in order. */
  files: string[];
  /** Of an application that has installed it as `encore.dev`, with what it depends on. */
  modules: string;
  remove(): void;
}

/** Packs the runtime that is built, and installs it as npm installs an alias: under the name of the dependency. */
export function packRuntime(): Packed {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-package-'));
  const { filename, files } = pack(directory);
  const tarball = join(directory, filename);
  const modules = join(directory, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'encore.dev'));
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'encore.dev/package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(installed(name), join(modules, name));
  }
  return {
    tarball,
    files: files.map(({ path }) => path).sort(),
    modules,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function pack(target: string): { filename: string; files: { path: string }[] } {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target];
  const said = JSON.parse(execFileSync('npm', args, { cwd: 'runtime', encoding: 'utf8', stdio: 'pipe' })) as
    | { filename: string; files: { path: string }[] }[]
    | Record<string, { filename: string; files: { path: string }[] }>;
  // Versions of npm differ in whether that is a list.
  return Object.values(said)[0]!;
}

function installed(name: string): string {
  const own = resolve('runtime/node_modules', name);
  return existsSync(own) ? own : resolve('node_modules', name);
}
