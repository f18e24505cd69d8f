import { basename, join } from 'node:path';
import { type Code, type Position, UserError } from './diagnostic.ts';
import { Disk } from './disk.ts';
import { fieldsOf, type JsonFile, parseJsonFile, placeIn } from './json-file.ts';

/**
 * The application's name, without an analysis or a compiler: what is deployed must be reachable while the sources are broken.
 * @throws UserError FL1002 when a file that may hold the name cannot be read, FL1005 when it or the name is wrong
 */
export function applicationName(root: string, disk: Pick<Disk, 'read'> = new Disk(root)): string {
  const name =
    stringIn('encore.app', 'id', root, disk) ||
    stringIn('fairlead.json', 'name', root, disk) ||
    stringIn('package.json', 'name', root, disk)?.replace(/^@[^/]*\//, '');
  if (name) return name;
  if (!/\p{Cc}/u.test(basename(root))) return basename(root);
  throw wrong('FL1005', 'the name of the directory holds a control character', 'Name the application in package.json.');
}

/** A string of a JSON file; undefined when there is no such file or value. */
function stringIn(file: string, key: string, root: string, disk: Pick<Disk, 'read'>): string | undefined {
  const text = readConfigText(file, root, disk);
  if (text === undefined) return undefined;
  const json = parseJsonFile(file, text);
  // An empty encore.app marks an application and says nothing about it.
  if (!json.object && file !== 'encore.app') throw empty(json);
  const node = fieldsOf(json.object).get(key)?.value;
  if (!node) return undefined;
  const place = placeIn(json, node);
  if (typeof node.value !== 'string') {
    throw wrong('FL1005', `\`${key}\` of ${file} is not a string`, 'Name the application there, or remove it.', place);
  }
  if (!/\p{Cc}/u.test(node.value)) return node.value;
  throw wrong('FL1005', `\`${key}\` of ${file} holds a control character`, 'Write the name without it.', place);
}

/** The text of a file in the application's root; undefined when it is not there. @throws UserError FL1002 when it cannot be read */
export function readConfigText(file: string, root: string, disk: Pick<Disk, 'read'>): string | undefined {
  try {
    return disk.read(join(root, file));
  } catch (error) {
    const place = { file, line: 1, column: 1 };
    const { message } = error as Error;
    throw wrong('FL1002', `${file} cannot be read: ${message}`, 'Let the current user read it.', place);
  }
}

function empty(json: JsonFile): UserError {
  const place = placeIn(json, { offset: 0, length: 0 });
  return wrong('FL1005', `${json.file} is not valid JSON: it is empty`, 'Correct the file.', place);
}

function wrong(code: Code, message: string, help: string, position?: Position): UserError {
  return new UserError({ code, severity: 'error', message, help, ...(position && { position }) });
}
