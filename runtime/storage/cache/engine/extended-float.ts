import { notFloat } from './reply.ts';

/**
 * A number as a server of Redis on x86-64 counts with it, which has `long double` with 64 bits of precision: `mantissa` × 2^`exponent`.
 * So 0.1 and 0.2 are 0.3, as people expect, and not 0.30000000000000004.
 */
export interface ExtendedFloat {
  mantissa: bigint;
  exponent: number;
}

const precision = 64;

/** Where `long double` ends: as decimal exponents, what is beyond is refused. */
const [smallest, largest] = [-4951, 4932];

/** Digits after the point that are shown. */
const shown = 17;

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** C reads this as a number, too: `0x1.8p3` is 12. */
const hexadecimal = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d{1,4}))?$/;

/** @throws ReplyError when the text is no number, or none that can be kept */
export function parseFloat64(text: string): ExtendedFloat {
  return parseHexadecimal(text) ?? parseDecimal(text);
}

function parseHexadecimal(text: string): ExtendedFloat | undefined {
  const [, sign, whole = '', fraction = '', power = '0'] = hexadecimal.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') return undefined;
  const { mantissa, exponent } = round(BigInt(`0x${whole}${fraction}`), 1n);
  return { mantissa: sign === '-' ? -mantissa : mantissa, exponent: exponent + Number(power) - 4 * fraction.length };
}

function parseDecimal(text: string): ExtendedFloat {
  const [, sign, whole = '', fraction = '', power = '0'] = form.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') throw notFloat();
  const digits = BigInt(whole + fraction);
  const decimal = Number(power) - fraction.length;
  if (digits === 0n) return { mantissa: 0n, exponent: 0 };
  const magnitude = decimal + digits.toString().length - 1;
  if (magnitude > largest || magnitude < smallest) throw notFloat();
  const signed = sign === '-' ? -digits : digits;
  return decimal >= 0 ? round(signed * 10n ** BigInt(decimal), 1n) : round(signed, 10n ** BigInt(-decimal));
}

export function add(a: ExtendedFloat, b: ExtendedFloat): ExtendedFloat {
  const exponent = Math.min(a.exponent, b.exponent);
  const at = ({ mantissa, exponent: own }: ExtendedFloat) => mantissa << BigInt(own - exponent);
  const { mantissa, exponent: more } = round(at(a) + at(b), 1n);
  return { mantissa, exponent: exponent + more };
}

/** With up to 17 digits after the point and none that are not needed; never with an exponent. */
export function formatFloat({ mantissa, exponent }: ExtendedFloat): string {
  const scaled = mantissa * 10n ** BigInt(shown);
  const digits = exponent >= 0 ? scaled << BigInt(exponent) : divide(scaled, 1n << BigInt(-exponent));
  const text = (digits < 0n ? -digits : digits).toString().padStart(shown + 1, '0');
  const number = `${text.slice(0, -shown)}.${text.slice(-shown)}`.replace(/\.?0+$/, '');
  return digits < 0n ? `-${number}` : number;
}

/** The nearest number with 64 bits of precision to a fraction; of two that are as near, the even one. */
function round(numerator: bigint, denominator: bigint): ExtendedFloat {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 };
  // Once or twice: the first guess of the exponent may be one off.
  let exponent = bits(numerator) - bits(denominator) - precision;
  for (;;) {
    const mantissa =
      exponent >= 0
        ? divide(numerator, denominator << BigInt(exponent))
        : divide(numerator << BigInt(-exponent), denominator);
    if (bits(mantissa) <= precision) return { mantissa, exponent };
    exponent++;
  }
}

/** To the nearest whole number; of two that are as near, to the even one. */
function divide(numerator: bigint, denominator: bigint): bigint {
  const [quotient, rest] = [numerator / denominator, numerator % denominator];
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n !== 0n);
  return up ? quotient + (numerator < 0n ? -1n : 1n) : quotient;
}

function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(2).length;
}
