/** Values of condition keys. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** The values of a key, which has no case: "IAM JSON policy elements: Condition". Undefined when the request does not have it. */
export function valuesOf(context: Context, key: string): readonly string[] | undefined {
  const wanted = key.toLowerCase();
  const found = Object.keys(context).find((one) => one.toLowerCase() === wanted);
  const value = found === undefined ? undefined : context[found];
  return typeof value === 'string' ? [value] : value;
}

/** What a text has to look like: "IAM JSON policy elements: Resource" has `*` for any characters and `?` for one. */
export interface Pattern {
  /** Whether its wildcards are such. @default true */
  wild?: boolean;
  anyCase?: boolean;
}

/**
 * Whether the text fits a pattern of a policy. Its variables, `${key}` and `${key, 'default'}`, stand for values of the request, in
 * which no character is a wildcard; one without a value fits nothing. "IAM policy elements: Variables and tags": only since version
 * 2012-10-17, and `${*}`, `${?}` and `${$}` are the characters themselves.
 */
export function matches(pattern: string, text: string, options: Pattern & Surroundings = {}): boolean {
  const source = sourceOf(pattern, options);
  return source !== undefined && new RegExp(`^${source}$`, options.anyCase ? 'is' : 's').test(text);
}

export interface Surroundings {
  context?: Context;
  /** Of the policy. */
  version?: string | undefined;
}

const variable = /\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)')?\s*\}/g;

function sourceOf(pattern: string, { wild = true, context = {}, version }: Pattern & Surroundings): string | undefined {
  const plain = (text: string) =>
    quoted(text).replace(/\\([*?])/g, (_, sign: string) => (!wild ? `\\${sign}` : sign === '*' ? '.*' : '.'));
  if (version !== '2012-10-17') return plain(pattern);
  let [source, end] = ['', 0];
  for (const found of pattern.matchAll(variable)) {
    const [whole, key = '', usual] = found;
    const value = '*?$'.includes(key) ? key : (valuesOf(context, key)?.[0] ?? usual);
    if (value === undefined) return undefined;
    source += plain(pattern.slice(end, found.index)) + quoted(value);
    end = found.index + whole.length;
  }
  return source + plain(pattern.slice(end));
}

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** "IAM JSON policy elements: Condition operators", of ARNs: each of the six parts on its own, the last with all that follows. */
export function arnMatches(pattern: string, arn: string, surroundings: Surroundings): boolean {
  const [patterns, parts] = [sixOf(pattern), sixOf(arn)];
  if (!patterns || !parts) return pattern === '*';
  return patterns.every((one, index) => matches(one, parts[index] ?? '', surroundings));
}

function sixOf(arn: string): string[] | undefined {
  const pieces = splitOutside(arn);
  return pieces.length < 6 ? undefined : [...pieces.slice(0, 5), pieces.slice(5).join(':')];
}

/** At colons, but for those within a variable. */
function splitOutside(arn: string): string[] {
  const pieces = [''];
  let depth = 0;
  for (const [index, character] of [...arn].entries()) {
    if (character === '{' && arn[index - 1] === '$') depth += 1;
    if (character === '}' && depth > 0) depth -= 1;
    if (character === ':' && depth === 0) pieces.push('');
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}
