import { crypto } from '../../../node.ts';

/** What a file name holds at most, with room for what is put around it. */
const longest = 200;

/**
 * The name of a directory for an object: legal on every file system, different for different names also where case does not
 * count. Bytes besides `a-z`, `0-9`, `-`, `_` and a `.` that is not the first become `%` and two digits; what would be too long
 * becomes `~` and a hash.
 */
export function directoryOf(name: string): string {
  const bytes = Buffer.from(name);
  const encoded = [...bytes]
    .map((byte, index) => (isPlain(byte, index) ? String.fromCharCode(byte) : hex(byte)))
    .join('');
  return encoded.length <= longest ? encoded : `~${crypto.createHash('sha256').update(bytes).digest('hex')}`;
}

/** The object that a directory is for; undefined when only what is in it can tell. */
export function nameOf(directory: string): string | undefined {
  if (directory.startsWith('~')) return undefined;
  return Buffer.from(
    directory.replace(
      /%([0-9a-f]{2})|[^%]/g,
      (one, digits: string | undefined) => digits ?? hex(one.charCodeAt(0)).slice(1),
    ),
    'hex',
  ).toString();
}

function isPlain(byte: number, index: number): boolean {
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) || (character === '.' && index > 0);
}

function hex(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}
