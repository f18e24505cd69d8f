import { lstat, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { isMissing } from '../files.ts';

/**
 * What an application reads while it runs, such as templates and schemas: files and directories that its code names by paths in
 * calls, as seen from the application's directory, which is also where it runs. A path that is put together while it runs is not seen.
 */

/** A path in the first arguments of a call, and the function's own name. */
export interface NamedPath {
  callee: string;
  path: string;
}

const literal = String.raw`(?:"[^"\n\\]*"|'[^'\n\\]*'|\`[^\`\n\\$]*\`)`;

/** A name, a parenthesis, perhaps the working directory, and literals: `readFileSync("./a.sql"`, `join(process.cwd(), 'a', "b"`. */
const call = new RegExp(
  String.raw`(?<callee>[\w$]+)(?:<[^<>()]*>)?\(\s*(?:process\.cwd\(\)\s*,\s*)?(?<paths>${literal}(?:\s*,\s*${literal})*)`,
  'g',
);

/** Functions whose literals are parts of one path. */
const joining = new Set(['join', 'resolve']);

/** Functions that take a directory. Elsewhere the name of one is more likely to mean something else. */
const takingDirectories = new Set([...joining, 'static', 'readdir', 'readdirSync', 'opendir', 'opendirSync']);

/** What loads modules, which are bundled. */
const loading = new Set(['import', 'require']);

/** The paths that code names, relative to the application's directory and within it. */
export function namedPaths(code: string): NamedPath[] {
  return Array.from(code.matchAll(call), ({ groups }) => {
    const { callee = '', paths = '' } = groups ?? {};
    const parts = Array.from(paths.matchAll(new RegExp(literal, 'g')), ([text]) => text.slice(1, -1));
    return {
      callee,
      path: posix.normalize(joining.has(callee) ? parts.join('/') : (parts[0] ?? '')).replace(/\/$/, ''),
    };
  }).filter(({ callee, path }) => !loading.has(callee) && isInside(path));
}

/** Of what the sources of a process name, the files and directories that are there, without code: relative to the root, each once. */
export async function readByCode(root: string, sources: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(
    sources.filter((source) => /\.[cm]?[jt]sx?$/.test(source)).map((source) => readFile(join(root, source), 'utf8')),
  );
  const named = new Map(texts.flatMap(namedPaths).map((one) => [JSON.stringify(one), one]));
  const found = await Promise.all([...named.values()].map((one) => isRead(root, sources, one)));
  return [...new Set([...named.values()].filter((_, index) => found[index]).map(({ path }) => path))].sort();
}

async function isRead(root: string, sources: readonly string[], { callee, path }: NamedPath): Promise<boolean> {
  try {
    const entry = await lstat(join(root, path));
    if (entry.isFile()) return !/\.[cm]?tsx?$/.test(path);
    if (!entry.isDirectory() || !takingDirectories.has(callee)) return false;
    return !sources.some((source) => source.startsWith(`${path}/`));
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Within the application, and none of what is hidden, installed or generated. */
function isInside(path: string): boolean {
  const names = path.split('/');
  if (path.length > 1024 || path.includes('\0') || path.startsWith('/') || /^[A-Za-z]:/.test(path)) return false;
  return (
    !names.some((name) => name === '' || name.startsWith('.') || name === 'node_modules') && names[0] !== 'encore.gen'
  );
}
