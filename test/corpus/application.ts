import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { directoryWith, ended, fairlead, start } from '../cli/fairlead.ts';

const installed = resolve(import.meta.dirname, '../../node_modules');

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

/**
 * Lays out the application of `applications/<name>.txt`, installs its packages from those of this repository, all but
 * `encore.dev`, and has `fairlead run` bring it up.
 */
export async function runApplication(name: string): Promise<Application> {
  const files = sectionsOf(readFileSync(join(import.meta.dirname, 'applications', `${name}.txt`), 'utf8'));
  const app = directoryWith({
    'tsconfig.json': tsconfig,
    'encore.app': '{ "id": "", "lang": "typescript" }',
    ...files,
  });
  const { dependencies } = JSON.parse(files['package.json']!) as { dependencies: Record<string, string> };
  for (const dependency of Object.keys(dependencies)) if (dependency !== 'encore.dev') install(app.path, dependency);
  install(app.path, '@types');
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

function install(directory: string, dependency: string): void {
  const link = join(directory, 'node_modules', dependency);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(installed, dependency), link);
}
