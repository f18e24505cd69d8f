import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { directoryWith, ended, fairlead, start } from '../cli/fairlead.ts';

const installed = resolve(import.meta.dirname, '../../node_modules');

/** Where `.ci/install-peers` puts the packages of `packages/package.json`. */
const digest = createHash('sha256')
  .update(readFileSync(join(import.meta.dirname, 'packages/package-lock.json')))
  .digest('hex');
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
export const peerPackages = join(cache, 'fairlead/test', `packages-${digest.slice(0, 12)}`, 'node_modules');

/** Without them a test is skipped, but not in CI. */
export const hasPeerPackages = existsSync(peerPackages) || process.env.CI !== undefined;

const tsconfig = JSON.stringify({
  compilerOptions: {
    lib: ['ES2022'],
    target: 'ES2022',
    module: 'ES2022',
    moduleResolution: 'bundler',
    types: ['node'],
    paths: { '~encore/*': ['./encore.gen/*'], '@shared/*': ['./packages/shared/src/*'] },
    strict: true,
    esModuleInterop: true,
    isolatedModules: true,
    skipLibCheck: true,
    noEmit: true,
  },
});

export interface Application {
  url: string;
  stop(): Promise<void>;
}

export interface Running {
  /** The `node_modules` that its packages are in. @default this repository's */
  packages?: string;
  /** A program of these packages that makes something first: its arguments. */
  before?: { program: string; args: string[]; env: NodeJS.ProcessEnv };
}

/**
 * Lays out the application of `applications/<name>.txt`, installs its packages from those that are there, all but `encore.dev`, and
 * has `fairlead run` bring it up.
 */
export async function runApplication(
  name: string,
  { packages = installed, before }: Running = {},
): Promise<Application> {
  const files = sectionsOf(readFileSync(join(import.meta.dirname, 'applications', `${name}.txt`), 'utf8'));
  const app = directoryWith({
    'tsconfig.json': tsconfig,
    'encore.app': '{ "id": "", "lang": "typescript" }',
    ...files,
  });
  const { dependencies, devDependencies } = JSON.parse(files['package.json']!) as Record<
    string,
    Record<string, string>
  >;
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies }))
    if (dependency !== 'encore.dev') install(app.path, dependency, packages);
  install(app.path, '@types', installed);
  if (before) {
    const program = join(packages, '.bin', before.program);
    execFileSync(program, before.args, { cwd: app.path, env: { ...process.env, ...before.env }, stdio: 'pipe' });
  }
  const state = directoryWith();
  // As root, PostgreSQL runs as another user.
  chmodSync(state.path, 0o755);
  const at = ['--dir', app.path, '--state-dir', state.path];
  const child = start(['run', '--json', ...at]);
  const end = ended(child);
  const stop = async () => {
    child.kill('SIGINT');
    await end;
    await fairlead(['destroy', '--env', 'local', '--yes', ...at]);
    app.remove();
    state.remove();
  };
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as { event: string; url?: string };
      if (event.event === 'refused') throw new Error(line);
      if (event.event !== 'running') continue;
      // Whoever no longer reads must not keep it from writing.
      setImmediate(() => child.stdout.resume());
      return { url: event.url!, stop };
    }
    throw new Error((await end).stderr);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The files of a text whose sections begin with `-- path --`. */
function sectionsOf(text: string): Record<string, string> {
  const [, ...parts] = text.split(/^-- (\S+) --\n/m);
  return Object.fromEntries(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1]!]] : [])));
}

function install(directory: string, dependency: string, packages: string): void {
  const link = join(directory, 'node_modules', dependency);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(packages, dependency), link);
}
