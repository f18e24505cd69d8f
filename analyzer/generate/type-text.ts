import type { JsonSchema } from '../graph.ts';
import { key } from './identifiers.ts';
import { referenceOf } from './surface.ts';

/** How a named schema is written where it is mentioned. */
export type NameOf = (schema: string) => string;

/**
 * A JSON Schema as a TypeScript type: the type of the JSON itself, without conversions. So a date, a whole number of any size, a
 * decimal number and bytes are text.
 */
export function typeText(schema: JsonSchema, nameOf: NameOf): string {
  const reference = referenceOf(schema);
  if (reference !== undefined) return nameOf(reference);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ') || 'never';
  for (const [keyword, sign] of [
    ['anyOf', ' | '],
    ['oneOf', ' | '],
    ['allOf', ' & '],
  ] as const) {
    const members = schema[keyword];
    if (Array.isArray(members))
      return joined(
        members.map((member: JsonSchema) => typeText(member, nameOf)),
        sign,
      );
  }
  if (schema.not !== undefined) return 'never';
  if (Array.isArray(schema.type))
    return joined(
      schema.type.map((type) => typeText({ ...schema, type }, nameOf)),
      ' | ',
    );
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return arrayText(schema, nameOf);
    case 'object':
      return objectText(schema, nameOf);
    default:
      return 'unknown';
  }
}

/** The body of an interface or a type literal, with the doc comments of its properties; `given` are types of properties as text. */
export function objectText(schema: JsonSchema, nameOf: NameOf, given: ReadonlyMap<string, string> = new Map()): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const others = schema.additionalProperties;
  if (properties.length === 0 && !others) return '{ [key: string]: unknown }';
  const lines = properties.map(([name, property]) => {
    const doc = docText(property);
    return `${doc}${key(name)}${required.has(name) ? '' : '?'}: ${given.get(name) ?? typeText(property, nameOf)};\n`;
  });
  return `{\n${indent([...lines, ...indexText(others)].join(''))}}`;

  /** Named properties have to fit the index signature as well. */
  function indexText(others: unknown): string[] {
    if (!others) return [];
    const optional = properties.some(([name]) => !required.has(name));
    const types = [
      ...(others === true ? ['unknown'] : [typeText(others as JsonSchema, nameOf)]),
      ...properties.map(([name, property]) => given.get(name) ?? typeText(property, nameOf)),
      ...(optional ? ['undefined'] : []),
    ];
    return [`[key: string]: ${types.includes('unknown') ? 'unknown' : joined(types, ' | ')};\n`];
  }
}

function arrayText({ items, prefixItems, minItems }: JsonSchema, nameOf: NameOf): string {
  const item = items && typeof items === 'object' ? typeText(items as JsonSchema, nameOf) : 'unknown';
  if (!Array.isArray(prefixItems)) return items === false ? '[]' : `${atom(item)}[]`;
  const needed = typeof minItems === 'number' ? minItems : prefixItems.length;
  const fixed = prefixItems.map((schema: JsonSchema, index) => {
    const text = typeText(schema, nameOf);
    return index < needed ? text : `${atom(text)}?`;
  });
  return `[${[...fixed, ...(items === false ? [] : [`...${atom(item)}[]`])].join(', ')}]`;
}

function joined(types: readonly string[], sign: ' | ' | ' & '): string {
  const unique = [...new Set(types)];
  if (unique.length === 0) return 'unknown';
  if (sign === ' | ' && unique.includes('unknown')) return 'unknown';
  return unique.map((type) => (unique.length > 1 && sign === ' & ' ? atom(type) : type)).join(sign);
}

/** In parentheses where something binds more tightly. */
function atom(type: string): string {
  return /^[\w$.]+$|^\{[\s\S]*\}$|^"[^"]*"$|\]$/.test(type) && !topLevelSign(type) ? type : `(${type})`;
}

function topLevelSign(type: string): boolean {
  let depth = 0;
  for (const [token] of type.matchAll(/"(?:\\.|[^"\\])*"|[[\](){}|&]/g)) {
    if ('[({'.includes(token)) depth++;
    else if ('])}'.includes(token)) depth--;
    else if (depth === 0 && (token === '|' || token === '&')) return true;
  }
  return false;
}

const notes: Record<string, string> = {
  date: 'RFC 3339.',
  bigint: 'A whole number as decimal digits.',
  decimal: 'A decimal number as text.',
  bytes: 'Base64.',
};

/** The doc comment of a property, with what its text stands for. */
export function docText(schema: JsonSchema): string {
  const value = [schema, ...((schema.anyOf ?? []) as JsonSchema[])].find((one) => one['x-type'] !== undefined);
  const note = value?.['x-type'] && notes[value['x-type']];
  const text = [schema.description, note].filter((part) => typeof part === 'string').join(' ');
  return comment(schema.deprecated === true ? `${text}\n@deprecated` : text);
}

/** A doc comment; nothing for nothing. */
export function comment(text: string): string {
  const lines = text.replaceAll('*/', '*\\/').trim().split(/\r?\n/);
  if (lines.length === 1) return lines[0] === '' ? '' : `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

export function indent(text: string, by = '  '): string {
  return text.replaceAll(/^(?=.)/gm, by);
}
