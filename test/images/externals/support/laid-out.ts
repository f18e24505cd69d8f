import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Bundled, bundle } from '../../../../images/bundle/bundle.ts';
import type { Externals } from '../../../../images/bundle/fit.ts';
import type { Diagnostic } from '../../../../pipeline/mod.ts';

interface Wanted extends Partial<Externals> {
  platforms?: string[];
}

export const allPlatforms = ['linux/amd64', 'linux/arm64'];

/** This machine, in the words of OCI. */
export const here = `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** Bundles a module of text in an application's directory, with no runtime around it. */
export function bundleText(
  root: string,
  entry: string,
  { external = [], bundle: wanted = [], platforms = allPlatforms }: Wanted = {},
): Promise<Bundled | { diagnostics: Diagnostic[] }> {
  const layer = { files: [], modules: new Map(), packages: [] };
  return bundle({ root, entry, layer, generated: [], externals: { external, bundle: wanted }, platforms });
}

/** Those that are expected: it throws at diagnostics. */
export async function made(...args: Parameters<typeof bundleText>): Promise<Bundled> {
  const result = await bundleText(...args);
  if ('diagnostics' in result) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

/** `code file:line:column message` of each. */
export async function refused(...args: Parameters<typeof bundleText>): Promise<string[]> {
  const result = await bundleText(...args);
  if (!('diagnostics' in result)) throw new Error(`bundled: ${pathsOf(result).join(' ')}`);
  return result.diagnostics.map(({ code, message, position }) =>
    [code, position && `${position.file}:${position.line}:${position.column}`, message].filter(Boolean).join(' '),
  );
}

export function pathsOf({ dependencies }: Bundled): string[] {
  return dependencies.map((file) => ('link' in file ? `${file.path} -> ${file.link}` : file.path));
}

/** Writes what an image would have into an empty directory. */
export async function layOutAt(directory: string, { files, dependencies }: Bundled): Promise<void> {
  for (const { path, bytes } of files) await write(join(directory, path), (target) => writeFile(target, bytes));
  for (const file of dependencies) {
    await write(join(directory, file.path), async (target) => {
      if ('link' in file) return symlink(file.link, target);
      if (!('file' in file.content)) return writeFile(target, file.content);
      await copyFile(file.content.file, target);
      return chmod(target, file.mode ?? 0o644);
    });
  }
}

async function write(path: string, act: (path: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await act(path);
}

/** Runs the bundle that was laid out, away from where it was made; answers what it prints. */
export async function runAt(directory: string, env: NodeJS.ProcessEnv = {}, node = process.execPath): Promise<string> {
  const { stdout } = await promisify(execFile)(node, [join(directory, 'main.mjs')], {
    cwd: directory,
    env: { ...process.env, ...env },
  });
  return stdout.trim();
}
