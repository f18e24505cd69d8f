import { Decimal } from '../types/decimal.ts';
import { type Codec, wrongType } from './codec.ts';

interface TextType {
  name: string;
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
    pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
    parse: (text) => new Date(text.toUpperCase()),
    is: (value) => value instanceof Date,
    // The analyzer cannot tell a Date from what a database library calls one; text is passed on.
    write: (value) => (value instanceof Date ? value.toISOString() : value),
  },
  bigint: {
    name: 'a whole number as text',
    pattern: /^-?\d+$/,
    parse: BigInt,
    is: (value) => typeof value === 'bigint',
    write: String,
  },
  decimal: {
    name: 'a decimal number as text',
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
      const text = typeof value === 'number' && Number.isFinite(value) && kind !== 'date' ? String(value) : value;
      if (typeof text !== 'string') throw wrongType(path, type.name, value);
      if (!type.pattern.test(text)) throw wrongType(path, type.name, value);
      const parsed = type.parse(text);
      if (parsed instanceof Date && Number.isNaN(parsed.getTime())) throw wrongType(path, type.name, value);
      return parsed;
    },
    encode: (value) => (value === undefined || value === null ? value : type.write(value)),
    is: type.is,
  };
}

function toBuffer(bytes: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(bytes);
}
