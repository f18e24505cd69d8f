import { Decimal } from '../types/decimal.ts';
import { type Codec, never, wrongType } from './codec.ts';

interface TextType {
  name: string;
  /** Whether it may be written as a number, too. */
  numeric?: true;
  pattern: RegExp;
  parse(text: string): unknown;
  is(value: unknown): boolean;
  write(value: unknown): unknown;
}

const isBytes = (value: unknown): value is ArrayBuffer | ArrayBufferView =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value);

const types: Record<string, TextType> = {
  date: {
    name: 'an RFC 3339 date and time',
    pattern: /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i,
    parse: toDate,
    is: (value) => value instanceof Date,
    // The analyzer cannot tell a Date from what a database library calls one; text is passed on.
    write: (value) => (value instanceof Date ? value.toISOString() : value),
  },
  bigint: {
    name: 'a whole number as text',
    numeric: true,
    pattern: /^-?\d+$/,
    parse: BigInt,
    is: (value) => typeof value === 'bigint',
    write: String,
  },
  decimal: {
    name: 'a decimal number as text',
    numeric: true,
    pattern: /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i,
    parse: (text) => new Decimal(text),
    is: (value) => value instanceof Decimal,
    write: String,
  },
  bytes: {
    name: 'bytes in base64',
    pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/,
    parse: (text) => Buffer.from(text, 'base64'),
    is: isBytes,
    write: (value) => (isBytes(value) ? toBuffer(value).toString('base64') : value),
  },
};

/** Values that JSON carries as text. */
export function textCodec(kind: string): Codec {
  const type = types[kind];
  if (!type) throw new Error(`the manifest has an unknown x-type ${kind}`);
  return {
    decode(value, path) {
      const text = type.numeric && Number.isFinite(value) ? String(value) : value;
      if (typeof text !== 'string') throw wrongType(path, type.name, value);
      if (!type.pattern.test(text)) throw wrongType(path, type.name, value);
      const parsed = type.parse(text);
      if (parsed instanceof Date && Number.isNaN(parsed.getTime())) throw wrongType(path, type.name, value);
      return parsed;
    },
    encode: (value) => (value === undefined || value === null ? value : type.write(value)),
    is: type.is,
    isDecoded: never,
    isEncoded: never,
  };
}

/** The platform takes the 30th of February for the 2nd of March. */
function toDate(text: string): Date {
  const day = Number(text.slice(8, 10));
  if (day > 28 && day > daysOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)))) return new Date(Number.NaN);
  return new Date(text.toUpperCase());
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function toBuffer(bytes: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(bytes);
}
