import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Code, type Position, UserError } from './diagnostic.ts';

/**
 * The application's name, without an analysis or a compiler: what is deployed must be reachable while the sources are broken.
 * @throws UserError FL1002 when a file that may hold the name cannot be read, FL1005 when it or the name is wrong
 */
export function applicationName(root: string): string {
  const name =
    stringIn(root, 'encore.app', 'id') ||
    stringIn(root, 'fairlead.json', 'name') ||
    stringIn(root, 'package.json', 'name')?.replace(/^@[^/]*\//, '');
  if (name) return name;
  if (!/\p{Cc}/u.test(basename(root))) return basename(root);
  throw wrong('FL1005', 'the name of the directory holds a control character', 'Name the application in package.json.');
}

/** A string of a JSON file that may hold comments; undefined when there is no such file or value. */
function stringIn(root: string, file: string, key: string): string | undefined {
  const text = read(root, file);
  if (text === undefined) return undefined;
  const at = ({ offset, length }: { offset: number; length: number }): Position => {
    const end = placeOf(text, offset + length);
    return { file, ...placeOf(text, offset), endLine: end.line, endColumn: end.column };
  };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error || !tree) {
    const why = error && text.trim() !== '' ? inWords(printParseErrorCode(error.error)) : 'it is empty';
    const place = at(error ?? { offset: 0, length: 0 });
    throw wrong('FL1005', `${file} is not valid JSON: ${why}`, 'Correct the file.', place);
  }
  if (tree.type !== 'object') {
    throw wrong('FL1005', `${file} does not hold an object`, 'Write `{ … }` into it.', at(tree));
  }
  const node = findNodeAtLocation(tree, [key]);
  if (!node) return undefined;
  const value: unknown = getNodeValue(node);
  if (typeof value !== 'string') {
    throw wrong(
      'FL1005',
      `\`${key}\` of ${file} is not a string`,
      'Name the application there, or remove it.',
      at(node),
    );
  }
  if (!/\p{Cc}/u.test(value)) return value;
  throw wrong('FL1005', `\`${key}\` of ${file} holds a control character`, 'Write the name without it.', at(node));
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** `PropertyNameExpected` → `property name expected`. */
function inWords(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

function read(root: string, file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const place = { file, line: 1, column: 1 };
    throw wrong('FL1002', `${file} cannot be read: ${message}`, 'Let the current user read it.', place);
  }
}

function wrong(code: Code, message: string, help: string, position?: Position): UserError {
  return new UserError({ code, severity: 'error', message, help, ...(position && { position }) });
}
