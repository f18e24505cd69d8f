/**
 * "Filter pattern syntax for unstructured log events": all terms have to be there, of those with `?` one is enough, and none with `-`;
 * quotes hold a term together. JSON patterns: `{ $.key = value }` with `=`, `!=` and `&&`.
 */
export function filterPattern(pattern = ''): (message: string) => boolean {
  const text = pattern.trim();
  if (text === '') return () => true;
  if (text.startsWith('{')) return jsonPattern(text);
  const terms = [...text.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, quoted, plain]) => ({
    sign,
    term: quoted ?? plain ?? '',
  }));
  const [all, any, none] = ['', '?', '-'].map((wanted) =>
    terms.filter(({ sign }) => sign === wanted).map(({ term }) => term),
  );
  return (message) =>
    all!.every((term) => message.includes(term)) &&
    (any!.length === 0 || any!.some((term) => message.includes(term))) &&
    !none!.some((term) => message.includes(term));
}

function jsonPattern(text: string): (message: string) => boolean {
  const conditions = text
    .slice(1, -1)
    .split('&&')
    .map((one) => /^\s*\$\.([\w.]+)\s*(!?=)\s*"?([^"]*?)"?\s*$/.exec(one));
  return (message) => {
    const value = parsed(message);
    return (
      value !== undefined && conditions.every((one) => one && (at(value, one[1]!) === one[3]) === (one[2] === '='))
    );
  };
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function at(value: unknown, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>((one, key) => (one as Record<string, unknown> | undefined)?.[key], value);
  return String(found);
}
