import { data, Evaluator, type Expr, Lexer, Parser } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import type { Token } from '@actions/expressions/lexer';
import { isBasicExpression, isBoolean, isMapping, isNumber, isSequence, isString } from '@actions/workflow-parser';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import { NotModelled } from './not-modelled.ts';

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** What the functions of status say where an expression stands. */
export interface Status {
  success: boolean;
  failure: boolean;
  cancelled: boolean;
}

type Data = data.ExpressionData;

const contextNames = [
  'github',
  'inputs',
  'vars',
  'secrets',
  'needs',
  'strategy',
  'matrix',
  'steps',
  'job',
  'jobs',
  'runner',
  'env',
] as const;
export type ContextName = (typeof contextNames)[number];

/**
 * The contexts that an expression can read; those that are absent read as empty. GitHub's own parser has refused contexts
 * where they are not available (https://docs.github.com/actions/reference/workflows-and-actions/contexts#context-availability).
 */
export class Scope extends data.Dictionary {
  readonly #values: Partial<Record<ContextName, Value>>;
  readonly #converted = new Map<string, Data>();
  readonly status: Status;

  constructor(values: Partial<Record<ContextName, Value>>, status: Status = running) {
    super();
    this.#values = values;
    this.status = status;
  }

  override get(key: string): Data {
    const name = key.toLowerCase();
    const known = this.#converted.get(name);
    if (known) return known;
    const value = toData(this.#values[name as ContextName] ?? {});
    this.#converted.set(name, value);
    return value;
  }

  /** The same scope with some contexts replaced, and with another status if one is given. */
  with(values: Partial<Record<ContextName, Value>>, status = this.status): Scope {
    const scope = new Scope({ ...this.#values, ...values }, status);
    for (const [name, value] of this.#converted) if (!(name in values)) scope.#converted.set(name, value);
    return scope;
  }

  value(name: ContextName): Value {
    return this.#values[name] ?? {};
  }
}

const running: Status = { success: true, failure: false, cancelled: false };

/** The value of a parsed part of a workflow, with its expressions evaluated; undefined where nothing was written. */
export function evaluate(token: TemplateToken | undefined, scope: Scope): Value | undefined {
  if (token === undefined) return undefined;
  if (isBasicExpression(token)) return evaluateExpression(token.expression, scope);
  if (isString(token) || isNumber(token) || isBoolean(token)) return token.value;
  if (isSequence(token)) return [...token].map((item) => evaluate(item, scope) ?? null);
  if (isMapping(token)) {
    return Object.fromEntries(
      [...token].map(({ key, value }) => {
        if (!isString(key)) throw new NotModelled('expressions as keys');
        return [key.value, evaluate(value, scope) ?? null];
      }),
    );
  }
  return null;
}

/** As where GitHub expects a string: numbers and booleans as they print, null as nothing. */
export function evaluateString(token: TemplateToken | undefined, scope: Scope): string | undefined {
  const value = evaluate(token, scope);
  return value === undefined ? undefined : coerceString(value);
}

/** A mapping of strings, such as `env` and `with`. */
export function evaluateStrings(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  const value = evaluate(token, scope) ?? {};
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new NotModelled('a mapping that is not one');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coerceString(item)]));
}

export function evaluateCondition(expression: string, scope: Scope): boolean {
  return truthy(evaluateExpression(expression, scope));
}

export function evaluateExpression(expression: string, scope: Scope): Value {
  const result = new Evaluator(parse(expression), scope, functionsOf(scope.status)).evaluate();
  return fromData(result);
}

export function coerceString(value: Value): string {
  return toData(value).coerceString();
}

/** https://docs.github.com/actions/reference/workflows-and-actions/expressions#literals */
export function truthy(value: Value): boolean {
  return !(value === false || value === 0 || value === '' || value === null || Number.isNaN(value));
}

const parsed = new Map<string, Expr>();

function parse(expression: string): Expr {
  const known = parsed.get(expression);
  if (known) return known;
  const tree = new Parser(
    tokensOf(expression),
    [...contextNames],
    [
      ...statusNames.map((name) => ({ name, minArgs: 0, maxArgs: 255 })),
      { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
    ],
  ).parse();
  parsed.set(expression, tree);
  return tree;
}

/** The lexer of 0.3.61 takes only the first doubled quote of a string for one quote. */
function tokensOf(expression: string): Token[] {
  return new Lexer(expression)
    .lex()
    .tokens.map((token) =>
      token.lexeme.startsWith("'") ? { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") } : token,
    );
}

const statusNames = ['success', 'failure', 'cancelled', 'always'] as const;

/** https://docs.github.com/actions/reference/workflows-and-actions/expressions#status-check-functions */
function functionsOf(status: Status): Map<string, FunctionDefinition> {
  const results = { ...status, always: true };
  const functions = statusNames.map((name): [string, FunctionDefinition] => {
    const call = (...args: unknown[]) => {
      if (args.length > 0) throw new NotModelled(`arguments of ${name}()`);
      return new data.BooleanData(results[name]);
    };
    return [name, { name, minArgs: 0, maxArgs: 255, call }];
  });
  const hashFiles = () => {
    throw new NotModelled('hashFiles()');
  };
  return new Map([...functions, ['hashfiles', { name: 'hashFiles', minArgs: 1, maxArgs: 255, call: hashFiles }]]);
}

function toData(value: Value): Data {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, item]) => ({ key, value: toData(item) })));
}

function fromData(value: Data): Value {
  if (value instanceof data.Array) return value.values().map(fromData);
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map(({ key, value: item }) => [key, fromData(item)]));
  }
  return value instanceof data.Null ? null : value.value;
}
