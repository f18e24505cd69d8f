import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { YamlFile } from './yaml-files.ts';

/** The repository, where the linters find their configuration. */
export const root = resolve(import.meta.dirname, '../../..');

/** As `.ci/install-peers` installs them. */
export const versions = { zizmor: '1.32.0', actionlint: '1.7.12' } as const;

export type Linter = keyof typeof versions;

/** Where that very version is: on the PATH, or where `.ci/install-peers` puts it. */
export function find(linter: Linter): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead', 'test');
  const own = join(cache, `${linter}-${versions[linter]}`, 'bin');
  const places = [own, ...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  return places.map((place) => join(place, linter)).find((program) => versionOf(program) === versions[linter]);
}

function versionOf(program: string): string | undefined {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

export interface Verdict {
  /** Zero when nothing was found. */
  status: number | null;
  /** One line each; of zizmor the names of its audits. */
  findings: string[];
}

/** What zizmor finds when it looks as closely as it can without a network. */
export function zizmor(program: string, files: readonly string[], cwd: string): Verdict {
  const options = ['--offline', '--persona=pedantic', '--strict-collection', '--collect=all', '--quiet'];
  const config = ['--config', join(root, '.github', 'zizmor.yml'), '--format=json-v1'];
  const { status, stdout, stderr } = spawnSync(program, [...options, ...config, ...files], { encoding: 'utf8', cwd });
  if (!stdout.startsWith('[')) throw new Error(`zizmor could not look: ${stderr}`);
  const found = JSON.parse(stdout) as { ident: string; ignored: boolean }[];
  return { status, findings: found.filter(({ ignored }) => !ignored).map(({ ident }) => ident) };
}

export function actionlint(program: string, files: readonly string[], cwd: string): Verdict {
  const options = ['-config-file', join(root, '.github', 'actionlint.yaml'), '-shellcheck=', '-pyflakes=', '-oneline'];
  const { status, stdout, stderr } = spawnSync(program, [...options, ...files], { encoding: 'utf8', cwd });
  if (stderr !== '') throw new Error(`actionlint could not look: ${stderr}`);
  return { status, findings: stdout.split('\n').filter((line) => line !== '') };
}

/** Looks at a few files as if they were all that there is. */
export function withFiles<T>(files: readonly YamlFile[], look: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-workflows-'));
  try {
    mkdirSync(join(directory, '.git'));
    for (const { path, text } of files) {
      mkdirSync(join(directory, dirname(path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return look(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
