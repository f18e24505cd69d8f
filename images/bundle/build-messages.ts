import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Message } from 'esbuild';
import type { Diagnostic } from '../../pipeline/mod.ts';
import type { Refusal } from '../externals/keep-out.ts';
import { slashes } from './esbuild.ts';

const native = /^No loader is configured for "\.node" files: (.*)$/;
const unloadable = /^No loader is configured for "[^"]*" files: ([^?]*)/;
const unresolved = /^Could not resolve "(.*)"$/;

/** What esbuild objects to, in our words; places are relative to `root`. */
export function diagnosticOf(message: Message, root: string): Diagnostic {
  const position = positionOf(message, root);
  return { ...explain(message), severity: 'error', ...(position && { position }) };
}

function explain({ text, notes, detail }: Message): Pick<Diagnostic, 'code' | 'message' | 'help'> {
  // Ours, which the bundler only found the place of.
  if (detail !== undefined) return detail as Refusal;
  const [, addOn] = native.exec(text) ?? [];
  if (addOn !== undefined)
    return {
      code: 'FL2002',
      message: `the native add-on ${addOn} cannot be part of a bundle`,
      help: 'Make it a package of its own with a package.json, and name that among the dependencies.',
    };
  const [, specifier] = unresolved.exec(text) ?? [];
  if (specifier !== undefined)
    return {
      code: 'FL2001',
      message: `nothing is found for the import "${specifier}"`,
      help: specifier.startsWith('.')
        ? 'Correct the path, or add the file.'
        : 'Correct the name, or install the package with npm install.',
    };
  const [, file] = unloadable.exec(text) ?? [];
  if (file !== undefined)
    return {
      code: 'FL2003',
      message: `the sources cannot be bundled: ${text}`,
      help: `Read the file instead: readFileSync(join(import.meta.dirname, '${basename(file)}'), 'utf8'), with the way there from the module.`,
    };
  return {
    code: 'FL2003',
    message: `the sources cannot be bundled: ${text}`,
    help: notes[0]?.text ?? 'Correct the marked place.',
  };
}

/** esbuild counts columns in bytes from 0. */
function positionOf({ location }: Message, root: string): Diagnostic['position'] {
  if (location === null || !existsSync(resolve(root, location.file))) return undefined;
  const { file, line, column, length, lineText } = location;
  const bytes = Buffer.from(lineText);
  const start = bytes.subarray(0, column).toString().length + 1;
  const end = start + bytes.subarray(column, column + length).toString().length;
  return { file: slashes(file), line, column: start, ...(end > start && { endLine: line, endColumn: end }) };
}
