/** One page of a list, and the token of the next one: the place where that begins, which callers take as it is. */
export function page<T>(all: readonly T[], token: string | undefined, most: number): { items: T[]; next?: string } {
  const start = token ? Number(Buffer.from(token, 'base64').toString()) || 0 : 0;
  const end = start + most;
  const items = all.slice(start, end);
  return end < all.length ? { items, next: Buffer.from(String(end)).toString('base64') } : { items };
}
