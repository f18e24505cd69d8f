import type { ts } from '@ts-morph/common';
import type { JsonSchema } from './graph.ts';
import { literalPattern } from './template-patterns.ts';

/** A type of `encore.dev/validate` among the parts of an intersection. */
interface Rule {
  name: string;
  /** The value of its type argument; undefined when that is not one literal. */
  value: string | number | undefined;
  takesValue: boolean;
}

/** What of a rule cannot be. */
interface RuleError {
  code: 'FL1704' | 'FL1705';
  why: string;
  help: string;
}

type Kind = 'number' | 'string' | 'array';
type Keywords = (value: string & number) => JsonSchema;

const rules: Record<string, Partial<Record<Kind, Keywords>>> = {
  Min: { number: (minimum) => ({ minimum }) },
  Max: { number: (maximum) => ({ maximum }) },
  MinLen: { string: (minLength) => ({ minLength }), array: (minItems) => ({ minItems }) },
  MaxLen: { string: (maxLength) => ({ maxLength }), array: (maxItems) => ({ maxItems }) },
  MatchesRegexp: { string: (source) => ({ pattern: toJavaScript(source) }) },
  StartsWith: { string: (text) => ({ pattern: `^${literalPattern(text)}`, 'x-startsWith': text }) },
  EndsWith: { string: (text) => ({ pattern: `${literalPattern(text)}$`, 'x-endsWith': text }) },
  IsEmail: { string: () => ({ format: 'email' }) },
  IsURL: { string: () => ({ format: 'uri' }) },
};

const withoutValue = ['IsEmail', 'IsURL'];
const kindNames: Record<Kind, string> = { number: 'numbers', string: 'text', array: 'lists' };

/** Takes the rules of an intersection apart from the type they are for. */
export function splitRules(
  parts: readonly ts.Type[],
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): { found: Rule[]; others: ts.Type[] } {
  const found: Rule[] = [];
  const others: ts.Type[] = [];
  for (const part of parts) {
    const rule = ruleOf(part, checker, exports);
    if (rule) found.push(rule);
    else others.push(part);
  }
  return { found, others };
}

/** The rule that a type stands for, found by its symbol. */
export function ruleOf(
  type: ts.Type,
  checker: ts.TypeChecker,
  exports: ReadonlyMap<ts.Symbol, string>,
): Rule | undefined {
  const symbol = type.getSymbol();
  const exported = symbol && exports.get(symbol);
  const name = exported?.startsWith('encore.dev/validate#') ? exported.slice('encore.dev/validate#'.length) : undefined;
  if (name === undefined || !Object.hasOwn(rules, name)) return undefined;
  const [argument] = (type as ts.TypeReference).target ? checker.getTypeArguments(type as ts.TypeReference) : [];
  const value = argument?.isStringLiteral() || argument?.isNumberLiteral() ? argument.value : undefined;
  return { name, value, takesValue: !withoutValue.includes(name) };
}

/** A schema with rules added: keywords that are taken already go into `allOf`. */
export function withRules(base: JsonSchema, found: readonly Rule[], report: (error: RuleError) => void): JsonSchema {
  let schema = base;
  const more: JsonSchema[] = [];
  for (const rule of found) {
    const keywords = keywordsOf(rule, base);
    if ('code' in keywords) {
      report(keywords as RuleError);
      continue;
    }
    const taken = Object.entries(keywords).some(([key, value]) => key in schema && schema[key] !== value);
    if (taken) more.push(keywords);
    else schema = { ...schema, ...keywords };
  }
  return more.length > 0 ? { ...schema, allOf: more } : schema;
}

function keywordsOf({ name, value, takesValue }: Rule, base: JsonSchema): JsonSchema | RuleError {
  const forKinds = rules[name] ?? {};
  const kinds = Object.keys(forKinds) as Kind[];
  const keywords = base['x-type'] === undefined ? forKinds[base.type as Kind] : undefined;
  if (!keywords) {
    const fitting = kinds.map((kind) => kindNames[kind]).join(' and ');
    const why = `the rule \`${name}\` is for ${fitting} alone`;
    return { code: 'FL1704', why, help: 'Put it on a value of such a type, or leave it out.' };
  }
  if (takesValue && value === undefined) {
    const why = `the rule \`${name}\` has no literal to compare with`;
    return {
      code: 'FL1704',
      why,
      help: `Write the literal itself: \`${name}<${kinds[0] === 'number' ? 1 : "'…'"}>\`.`,
    };
  }
  const schema = keywords(value as string & number);
  if (name !== 'MatchesRegexp' || compiles(String(schema.pattern))) return schema;
  const why = `\`${value}\` is not a regular expression`;
  return { code: 'FL1705', why, help: 'Write it as JavaScript reads regular expressions.' };
}

/** Flags at the beginning and `(?P<name>…)` are how other languages write what JavaScript writes a little differently. */
function toJavaScript(source: string): string {
  const named = source.replaceAll('(?P<', '(?<');
  const flags = /^\(\?([ims]+)\)/.exec(named);
  return flags ? `(?${flags[1]}:${named.slice(flags[0].length)})` : named;
}

function compiles(source: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      return new RegExp(source, flags) instanceof RegExp;
    } catch {
      return false;
    }
  });
}
