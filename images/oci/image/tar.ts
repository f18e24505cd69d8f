/** What is in the header of an entry; all else of it is the same for all. */
export interface TarEntry {
  type: 'file' | 'directory' | 'link';
  /** Without a slash at its end, also for a directory. */
  path: string;
  mode: number;
  /** In bytes; 0 but for files. */
  size: number;
  /** Of a link: where it leads. */
  target?: string;
}

const blockSize = 512;

/** What a number field of eleven octal digits holds: just below 8 GiB. */
const largestSize = 0o77777777777;

const typeFlags = { file: '0', directory: '5', link: '2', extended: 'x' } as const;

/**
 * The header of an entry in the `ustar` format of POSIX, with an extended header (PAX) before it only when the path, the
 * target or the size does not fit. Owner and group are root, without names; every time is 1970-01-01.
 */
export function tarHeader({ type, path, mode, size, target = '' }: TarEntry): Uint8Array {
  const full = type === 'directory' ? `${path}/` : path;
  const split = splitPath(full);
  const records = [
    ...(split === undefined ? [record('path', full)] : []),
    ...(fits(target, 100) ? [] : [record('linkpath', target)]),
    ...(size > largestSize ? [record('size', String(size))] : []),
  ];
  const { name, prefix } = split ?? { name: substitute(full), prefix: '' };
  const own = block({
    name,
    prefix,
    flag: typeFlags[type],
    mode,
    size: size > largestSize ? 0 : size,
    target: fits(target, 100) ? target : substitute(target),
  });
  return records.length === 0 ? own : Buffer.concat([...extended(Buffer.concat(records)), own]);
}

/** The zeros that fill the last block of a content. */
export function tarPadding(size: number): Uint8Array {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** Two empty blocks end an archive. */
export const tarEnd: Uint8Array = Buffer.alloc(2 * blockSize);

function extended(records: Buffer): Uint8Array[] {
  const header = block({
    name: 'PaxHeader',
    prefix: '',
    flag: typeFlags.extended,
    mode: 0o644,
    size: records.length,
    target: '',
  });
  return [header, records, tarPadding(records.length)];
}

/** `LENGTH key=value`, where the length counts its own digits too. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

/** A path of up to 100 bytes, or one that a slash divides into up to 155 and up to 100; undefined when neither. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (fits(path, 100)) return { name: path, prefix: '' };
  if (!isAscii(path)) return undefined;
  const slash = path.indexOf('/', path.length - 101);
  if (slash < 1 || slash > 155 || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

function fits(text: string, bytes: number): boolean {
  return text.length <= bytes && isAscii(text);
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** What old readers see in place of what only the extended header can hold. */
function substitute(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, 100);
}

interface Block {
  name: string;
  prefix: string;
  flag: string;
  mode: number;
  size: number;
  target: string;
}

function block({ name, prefix, flag, mode, size, target }: Block): Buffer {
  const header = Buffer.alloc(blockSize);
  const put = (text: string, offset: number): number => header.write(text, offset, 'latin1');
  const octal = (value: number, digits: number, offset: number): number =>
    put(value.toString(8).padStart(digits, '0'), offset);
  put(name, 0);
  octal(mode, 7, 100);
  octal(0, 7, 108); // owner
  octal(0, 7, 116); // group
  octal(size, 11, 124);
  octal(0, 11, 136); // time
  put(' '.repeat(8), 148); // the sum counts its own field as spaces
  put(flag, 156);
  put(target, 157);
  put('ustar\x0000', 257);
  octal(0, 7, 329); // device
  octal(0, 7, 337);
  put(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
