import { ts } from '@ts-morph/common';

const anything = '[\\s\\S]*';

/** What `${number}` stands for, as JavaScript writes numbers. */
const number = '-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:e[+-]?\\d+)?';

/** The regular expression that all text of a template literal type matches, without its ends. */
export function templatePattern(type: ts.TemplateLiteralType): string {
  const [first = '', ...texts] = type.texts.map(literalPattern);
  return first + type.types.map((part, index) => partPattern(part) + (texts[index] ?? '')).join('');
}

/** One pattern for text that fits any of several. */
export function wholePattern(bodies: readonly string[]): string {
  return bodies.length === 1 ? `^${bodies[0]}$` : `^(?:${bodies.join('|')})$`;
}

/** Text as a regular expression that matches it alone. */
export function literalPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function partPattern(type: ts.Type): string {
  if (type.isStringLiteral()) return literalPattern(type.value);
  if (type.flags & ts.TypeFlags.TemplateLiteral) return templatePattern(type as ts.TemplateLiteralType);
  if (type.isUnion()) return `(?:${type.types.map(partPattern).join('|')})`;
  if (type.flags & ts.TypeFlags.Number) return number;
  if (type.flags & ts.TypeFlags.BigInt) return '-?\\d+';
  return anything;
}
