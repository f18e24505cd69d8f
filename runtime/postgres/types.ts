import pg from 'pg';
import { Decimal } from '../types/decimal.ts';

type Parser = (text: string) => unknown;

/** By the type's OID: how a column becomes a value, where the driver's own way is not ours. */
const scalars: { oid: number; array: number; parse: Parser }[] = [
  { oid: 17, array: 1001, parse: toArrayBuffer }, // bytea
  { oid: 20, array: 1016, parse: Number }, // int8
  { oid: 1082, array: 1182, parse: toDate }, // date
  { oid: 1114, array: 1115, parse: toDate }, // timestamp
  { oid: 1700, array: 1231, parse: toDecimal }, // numeric
];

const parsers = new Map<number, Parser>(
  scalars.flatMap(({ oid, array, parse }) => [
    [oid, parse],
    [array, (text) => parseArray(text, parse)],
  ]),
);

/** A `types` option for the driver. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => parsers.get(oid) ?? pg.types.getTypeParser(oid, format)) as never,
};

/** A date or a time without zone is taken as UTC, whatever the zone of the process. */
function toDate(text: string): unknown {
  const parse = pg.types.getTypeParser(1184) as unknown as (text: string) => Date | number;
  return parse(
    text.includes(' BC') ? text.replace(/( BC)$/, '+00$1') : text.length > 10 ? `${text}+00` : `${text} 00:00:00+00`,
  );
}

/** `NaN` and the infinities have no decimal digits and become numbers. */
function toDecimal(text: string): Decimal | number {
  return /^-?\d/.test(text) ? new Decimal(text) : Number(text);
}

function toArrayBuffer(text: string): ArrayBuffer {
  const bytes = Buffer.from(text.slice(2), 'hex');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** The driver's parser of arrays, which its declarations describe wrongly. */
const parsing = pg.types.arrayParser as unknown as {
  create(text: string, entry: (text: string | null) => unknown): { parse(): unknown[] };
};

function parseArray(text: string, parse: Parser): unknown {
  return parsing.create(text, (entry) => (entry === null ? null : parse(entry))).parse();
}
