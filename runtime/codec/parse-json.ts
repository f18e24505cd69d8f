/**
 * As `JSON.parse`, without keys `__proto__`: what is merged into another object would change that one's prototype. Whether there
 * may be one is seen from the text, since to visit each value of a large body takes long.
 */
export function parseJson(text: string): unknown {
  if (!text.includes('__proto__') && !text.includes('\\u00')) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
}
