import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Position, UserError } from './diagnostic.ts';
import { lineAndColumn } from './line-and-column.ts';

/** A JSON file that may hold comments and trailing commas. */
export interface JsonFile {
  /** Relative to the application's root. */
  file: string;
  text: string;
  /** Its one value: an object; undefined when nothing but space and comments is there. */
  object: Node | undefined;
}

/** @throws UserError FL1005 when it is not JSON, or not an object */
export function parseJsonFile(file: string, text: string): JsonFile {
  const errors: ParseError[] = [];
  const object = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const json = { file, text, object };
  const [error] = errors;
  if (error) throw wrong(json, error, `${file} is not valid JSON: ${inWords(error)}`, 'Correct the file.');
  if (object && object.type !== 'object') {
    throw wrong(json, object, `${file} does not hold an object`, 'Write `{ … }` into it.');
  }
  return json;
}

/** The fields of an object in their order: the key, its node and the node of the value. The last of equal keys counts. */
export function fieldsOf(object: Node | undefined): Map<string, { key: Node; value: Node }> {
  const fields = new Map<string, { key: Node; value: Node }>();
  for (const { children: [key, value] = [] } of object?.children ?? []) {
    if (key && value) fields.set(String(key.value), { key, value });
  }
  return fields;
}

export function valueOfNode(node: Node): unknown {
  return getNodeValue(node);
}

/** Where a piece of the file is. */
export function placeIn({ file, text }: JsonFile, { offset, length }: { offset: number; length: number }): Position {
  const end = lineAndColumn(text, offset + length);
  return { file, ...lineAndColumn(text, offset), endLine: end.line, endColumn: end.column };
}

/** `PropertyNameExpected` → `property name expected`. */
function inWords({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}

function wrong(json: JsonFile, at: { offset: number; length: number }, message: string, help: string): UserError {
  return new UserError({ code: 'FL1005', severity: 'error', message, help, position: placeIn(json, at) });
}
