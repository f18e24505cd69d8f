import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');

/** The compilers that applications and their callers have, by their script. */
export const compilers = ['typescript/bin/tsc', 'typescript6/bin/tsc'];

/** What the strictest of projects would set; the declarations of the runtime are checked with its own tests. */
export const strict = {
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024'],
  types: ['node'],
  typeRoots: [join(repository, 'node_modules/@types')],
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  module: 'preserve',
  moduleResolution: 'bundler',
};

/** Calls `use` with a directory that holds these files and is removed afterwards. */
export async function withFiles<T>(files: Record<string, string>, use: (root: string) => T | Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-generate-'));
  try {
    for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What a compiler says of these files; nothing when they are right. */
export function compile(files: Record<string, string>, settings: object, tsc = compilers[0] ?? ''): Promise<string> {
  return withFiles(files, (root) => {
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(repository, 'runtime'), join(root, 'node_modules/encore.dev'));
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strict, ...settings } }));
    return spawnSync(process.execPath, [join(repository, 'node_modules', tsc), '-p', root], { encoding: 'utf8' })
      .stdout;
  });
}
