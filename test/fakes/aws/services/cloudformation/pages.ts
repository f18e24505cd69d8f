import { invalid } from './refusals.ts';

/** One page from an offset that the token says. */
export function pageOf<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; NextToken?: string } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw invalid('Invalid NextToken');
  const end = start + size;
  const page = items.slice(start, end);
  return { page, ...(end < items.length && { NextToken: Buffer.from(String(end)).toString('base64url') }) };
}
