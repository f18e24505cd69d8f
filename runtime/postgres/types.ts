import pg from 'pg';
import { Decimal } from '../types/decimal.ts';

type Parser = (text: string) => unknown;

/** By the type's OID: how a column becomes a value, where the driver's own way is not ours. */
const scalars: { oid: number; array: number; parse: Parser }[] = [
  { oid: 17, array: 1001, parse: toArrayBuffer }, // bytea
  { oid: 20, array: 1016, parse: Number }, // int8
  { oid: 1082, array: 1182, parse: toDate }, // date
  { oid: 1114, array: 1115, parse: toDate }, // timestamp
  { oid: 1184, array: 1185, parse: toInstant }, // timestamptz
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
  if (text.length === 10) return toInstant(`${text} 00:00:00+00`);
  if (text.endsWith('infinity')) return toInstant(text);
  const era = text.endsWith(' BC') ? ' BC' : '';
  const time = era === '' ? text : text.slice(0, -era.length);
  return toInstant(`${time}${time.includes(':') ? '' : ' 00:00:00'}+00${era}`);
}

/** A time with its zone; the infinities become numbers. The driver's own way, by expressions, takes five times as long. */
function toInstant(text: string): unknown {
  return ordinaryInstant(text) ?? exactInstant(text);
}

const exactInstant = pg.types.getTypeParser(1184) as unknown as (text: string) => Date | number;

/** What is in a time beside digits, as numbers: to compare these takes no strings. */
const [plus, dash, point, colon, space, zero] = [...'+-.: 0'].map((sign) => sign.charCodeAt(0)) as number[];

/** Of `2026-01-31 10:00:00.123456+05:30`, where the fraction and the minutes of the zone may be missing. Undefined for every other form. */
function ordinaryInstant(text: string): Date | undefined {
  if (
    text.charCodeAt(0) === zero ||
    text.charCodeAt(4) !== dash ||
    text.charCodeAt(10) !== space ||
    text.charCodeAt(16) !== colon
  )
    return undefined;
  let zone = 19;
  let milliseconds = 0;
  if (text.charCodeAt(zone) === point)
    for (let weight = 100; isDigit(text.charCodeAt(++zone)); weight = weight === 100 ? 10 : weight === 10 ? 1 : 0)
      milliseconds += weight * (text.charCodeAt(zone) - 48);
  const sign = text.charCodeAt(zone);
  const inMinutes = text.charCodeAt(zone + 3) === colon;
  if ((sign !== plus && sign !== dash) || text.length !== zone + (inMinutes ? 6 : 3)) return undefined;
  const offset = 60 * twoAt(text, zone + 1) + (inMinutes ? twoAt(text, zone + 4) : 0);
  const minute = twoAt(text, 14) + (sign === plus ? -offset : offset);
  const year = 100 * twoAt(text, 0) + twoAt(text, 2);
  return new Date(
    Date.UTC(year, twoAt(text, 5) - 1, twoAt(text, 8), twoAt(text, 11), minute, twoAt(text, 17), milliseconds),
  );
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The number of two digits. */
function twoAt(text: string, index: number): number {
  return 10 * text.charCodeAt(index) + text.charCodeAt(index + 1) - 528;
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
