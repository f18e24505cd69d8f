import type { ManifestSchema } from '../wire.ts';
import { at, type Codec, DecodeError, never } from './codec.ts';

/** What is wrong with a value; undefined when nothing is. */
type Rule = (value: unknown) => string | undefined;

/** A codec that also refuses what breaks the rules of `encore.dev/validate` in its schema. Only what comes in is checked. */
export function withRules(codec: Codec, schema: ManifestSchema): Codec {
  const rules = rulesOf(schema);
  if (rules.length === 0) return codec;
  return {
    ...codec,
    decode(value, path) {
      const decoded = codec.decode(value, path);
      for (const rule of rules) {
        const wrong = rule(decoded);
        if (wrong !== undefined) throw new DecodeError(path, `${at(path)}${wrong}`, false, true);
      }
      return decoded;
    },
    isDecoded:
      codec.isDecoded === never
        ? never
        : (value) => {
            if (!codec.isDecoded(value)) return false;
            for (const rule of rules) if (rule(value) !== undefined) return false;
            return true;
          },
  };
}

/** In the order of the messages that Encore gives; `allOf` holds what one schema could not say twice. */
function rulesOf(schema: ManifestSchema): Rule[] {
  const more = Array.isArray(schema.allOf) ? (schema.allOf as ManifestSchema[]).flatMap(rulesOf) : [];
  // The least length of a tuple is part of its type.
  const isOfType = (keyword: string): boolean => keyword === 'minItems' && schema.prefixItems !== undefined;
  const own = Object.entries(keywords).filter(([keyword]) => schema[keyword] !== undefined && !isOfType(keyword));
  return [...own.map(([keyword, rule]) => rule(schema[keyword], schema)), ...more];
}

const keywords: Record<string, (expected: unknown, schema: ManifestSchema) => Rule> = {
  minimum: (least) => (value) => (Number(value) < Number(least) ? `value must be at least ${least}` : undefined),
  maximum: (most) => (value) => (Number(value) > Number(most) ? `value must be at most ${most}` : undefined),
  minLength: tooShort,
  maxLength: tooLong,
  minItems: tooShort,
  maxItems: tooLong,
  pattern: matches,
  format: (format) => (format === 'email' ? isEmail : format === 'uri' ? isUrl : () => undefined),
};

function tooShort(least: unknown): Rule {
  return (value) =>
    lengthOf(value) < Number(least)
      ? `length too short (got ${lengthOf(value)}, expected at least ${least})`
      : undefined;
}

function tooLong(most: unknown): Rule {
  return (value) =>
    lengthOf(value) > Number(most) ? `length too long (got ${lengthOf(value)}, expected at most ${most})` : undefined;
}

/** Text is counted in bytes of UTF-8, as Encore does. */
function lengthOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : (value as unknown[]).length;
}

function matches(pattern: unknown, schema: ManifestSchema): Rule {
  const expression = expressionOf(String(pattern));
  const wrong =
    schema['x-startsWith'] !== undefined
      ? `value does not start with ${JSON.stringify(schema['x-startsWith'])}`
      : schema['x-endsWith'] !== undefined
        ? `value does not end with ${JSON.stringify(schema['x-endsWith'])}`
        : `value does not match the regexp ${JSON.stringify(pattern)}`;
  return (value) => (expression.test(String(value)) ? undefined : wrong);
}

/** The analyzer has let through what compiles with or without the flag. */
function expressionOf(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return new RegExp(source);
  }
}

/** The shape of an address as HTML's `<input type="email">` has it: https://html.spec.whatwg.org/#valid-e-mail-address */
const email =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function isEmail(value: unknown): string | undefined {
  return email.test(String(value)) ? undefined : 'value is not an email';
}

function isUrl(value: unknown): string | undefined {
  return URL.canParse(String(value)) ? undefined : 'value is not a url';
}
