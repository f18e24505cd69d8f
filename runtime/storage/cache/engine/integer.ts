import { notInteger, type ReplyError } from './reply.ts';

/** What 64 bits with a sign hold. */
export const least: bigint = -(2n ** 63n);
export const greatest: bigint = 2n ** 63n - 1n;

/** Exact, and in the one way that numbers are written: without a plus, blanks or zeros in front. */
const form = /^(0|-?[1-9]\d{0,18})$/;

/** @throws ReplyError `failure` when the text is no whole number of 64 bits */
export function parseInteger(text: string, failure: () => ReplyError = notInteger): bigint {
  const value = form.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value < least || value > greatest) throw failure();
  return value;
}

/** For positions and numbers of items, where what is too large for a `number` is far beyond either end all the same. */
export function parsePosition(text: string, failure?: () => ReplyError): number {
  return Number(parseInteger(text, failure));
}

/** As a `number` where that is exact. */
export function integerReply(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
