import { ts } from '@ts-morph/common';
import { parseDuration } from './duration.ts';
import { unwrap } from './references.ts';
import type { Report } from './report.ts';
import { didYouMean } from './suggest.ts';

/** A value of a configuration object: an expression, or a method written in place. */
export type ConfigValue = ts.Expression | ts.MethodDeclaration;

/** The fields of an object literal by name. What is not a plain field of the known names is reported and left out. */
export function fieldsOf(
  node: ts.Expression | undefined,
  known: readonly string[],
  report: Report,
): ReadonlyMap<string, ConfigValue> {
  const fields = new Map<string, ConfigValue>();
  if (!node) return fields;
  const object = unwrap(node);
  if (!ts.isObjectLiteralExpression(object)) {
    report.error(
      'FL1105',
      node,
      'the configuration is not an object literal',
      'Write the configuration in place, as `{ … }`.',
    );
    return fields;
  }
  for (const property of object.properties) {
    const name = property.name && ts.isComputedPropertyName(property.name) ? undefined : property.name?.text;
    const value = fieldValue(property);
    if (name === undefined || !value) {
      report.error(
        'FL1105',
        property,
        'the configuration holds more than plain fields',
        'Write every field as `name: value`, without spreads, computed names or accessors.',
      );
    } else if (!known.includes(name)) {
      report.error(
        'FL1107',
        property.name ?? property,
        `unknown field \`${name.replaceAll(/[\n\r\u0085\u2028\u2029]+/g, ' ')}\``,
        didYouMean(name, known, `Known fields are ${known.map((k) => `\`${k}\``).join(', ')}.`),
      );
    } else {
      fields.set(name, value);
    }
  }
  return fields;
}

function fieldValue(property: ts.ObjectLiteralElementLike): ConfigValue | undefined {
  if (ts.isPropertyAssignment(property)) return property.initializer;
  if (ts.isShorthandPropertyAssignment(property)) return property.name;
  return ts.isMethodDeclaration(property) ? property : undefined;
}

/** A constant: string, number (arithmetic allowed), boolean or null; undefined for anything that has to be run. */
export function constantOf(node: ts.Node): string | number | boolean | null | undefined {
  if (!ts.isExpression(node)) return undefined;
  const value = unwrap(node);
  if (ts.isStringLiteralLike(value)) return value.text;
  if (ts.isNumericLiteral(value)) return Number(value.text);
  switch (value.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return true;
    case ts.SyntaxKind.FalseKeyword:
      return false;
    case ts.SyntaxKind.NullKeyword:
      return null;
  }
  return arithmetic(value);
}

function arithmetic(node: ts.Expression): number | undefined {
  if (ts.isPrefixUnaryExpression(node)) {
    const operand = constantOf(node.operand);
    if (typeof operand !== 'number') return undefined;
    if (node.operator === ts.SyntaxKind.MinusToken) return -operand;
    return node.operator === ts.SyntaxKind.PlusToken ? operand : undefined;
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const [a, b] = [constantOf(node.left), constantOf(node.right)];
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.PlusToken:
      return a + b;
    case ts.SyntaxKind.MinusToken:
      return a - b;
    case ts.SyntaxKind.AsteriskToken:
      return a * b;
    case ts.SyntaxKind.SlashToken:
      return a / b;
    case ts.SyntaxKind.PercentToken:
      return a % b;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return a ** b;
    case ts.SyntaxKind.LessThanLessThanToken:
      return a << b;
    default:
      return undefined;
  }
}

/** Reads constants of a configuration; each reports what it cannot read and then gives the default. */
export class ConfigReader {
  readonly #fields: ReadonlyMap<string, ConfigValue>;
  readonly #report: Report;

  constructor(node: ts.Expression | undefined, known: readonly string[], report: Report) {
    this.#fields = fieldsOf(node, known, report);
    this.#report = report;
  }

  node(name: string): ConfigValue | undefined {
    return this.#fields.get(name);
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a string literal', (value) => (typeof value === 'string' ? value : undefined));
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, '`true` or `false`', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  /** A whole number from `minimum`. */
  count(name: string, minimum: number): number | undefined {
    return this.#read(name, `a whole number from ${minimum}`, (value) => (isCount(value, minimum) ? value : undefined));
  }

  countOrNull(name: string): number | null | undefined {
    return this.#read(name, 'a whole number or `null`', (value) =>
      value === null || isCount(value, 0) ? value : undefined,
    );
  }

  /** Milliseconds. */
  duration(name: string, minimum: number): number | undefined {
    const node = this.#fields.get(name);
    const value = node && constantOf(node);
    const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
    if (node && (milliseconds === undefined || milliseconds < minimum)) {
      this.#report.error(
        'FL1503',
        node,
        milliseconds === undefined
          ? `\`${name}\` is not a duration`
          : `\`${name}\` is shorter than ${minimum / 1000} s`,
        'Write a string literal such as "30s", "10m" or "1h30m".',
      );
      return undefined;
    }
    return milliseconds;
  }

  texts(name: string): string[] | undefined {
    const node = this.#fields.get(name);
    if (!node) return undefined;
    const array = ts.isExpression(node) ? unwrap(node) : node;
    const values = ts.isArrayLiteralExpression(array) ? array.elements.map(constantOf) : [undefined];
    if (values.every((value) => typeof value === 'string')) return values;
    this.#notConstant(name, node, 'an array of string literals');
    return undefined;
  }

  #read<T>(
    name: string,
    expected: string,
    accept: (value: ReturnType<typeof constantOf>) => T | undefined,
  ): T | undefined {
    const node = this.#fields.get(name);
    if (!node) return undefined;
    const value = accept(constantOf(node));
    if (value === undefined) this.#notConstant(name, node, expected);
    return value;
  }

  #notConstant(name: string, node: ts.Node, expected: string): void {
    this.#report.error(
      'FL1106',
      node,
      `\`${name}\` is not ${expected}`,
      'Write the value in place: the configuration is read, not run.',
    );
  }
}

function isCount(value: unknown, minimum: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= minimum;
}

/** What the names of databases, topics, subscriptions, cron jobs and services are made of: they become names of files and URLs. */
export const resourceName = { pattern: /^[A-Za-z0-9_-]{1,63}$/, help: 'Use letters, digits, `-` and `_`, 63 at most.' };

/** Topics and subscriptions are often named with dots: `site.added`. */
export const topicName = {
  pattern: /^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9_-])?$/,
  help: 'Use letters, digits, `-`, `_`, and dots between them, 63 at most.',
};

/** Secrets are handed over as environment variables. */
export const secretName = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  help: 'Use letters, digits and `_`, not beginning with a digit.',
};

/** The name of a resource: a string literal of its grammar. Reports anything else. */
export function nameOf(
  node: ts.Expression | undefined,
  what: string,
  at: ts.Node,
  report: Report,
  { pattern, help } = resourceName,
): string | undefined {
  const literal = node && unwrap(node);
  if (!literal || !ts.isStringLiteralLike(literal)) {
    report.error(
      'FL1103',
      node ?? at,
      `the name of ${what} is not a string literal`,
      'Write the name in place, in quotes.',
    );
    return undefined;
  }
  if (pattern.test(literal.text)) return literal.text;
  report.error('FL1109', literal, `${JSON.stringify(literal.text)} cannot be the name of ${what}`, help);
  return undefined;
}
