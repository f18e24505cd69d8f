import { type Diagnostic, UserError } from '../pipeline/mod.ts';

/** What an action takes under one name. */
export interface InputSpec {
  description: string;
  /** @default 'string' */
  type?: 'string' | 'boolean' | 'number';
  /** An empty one counts as missing. @default false */
  required?: boolean;
  /** As it is written in a workflow; an expression is the runner's to evaluate. Without it and `required`, an empty input is absent. */
  default?: string;
  options?: readonly string[];
}

export type InputSpecs = Readonly<Record<string, InputSpec>>;

type Value<Spec extends InputSpec> = Spec['type'] extends 'boolean'
  ? boolean
  : Spec['type'] extends 'number'
    ? number
    : Spec extends { options: readonly (infer Option extends string)[] }
      ? Option
      : string;

/** Inputs as values, by the names that workflows use. */
export type Inputs<Specs extends InputSpecs> = {
  [Name in keyof Specs]: Specs[Name] extends { required: true } | { default: string }
    ? Value<Specs[Name]>
    : Value<Specs[Name]> | undefined;
};

/** The inputs of an action as the runner passes them: text by name. */
export type RawInputs = Readonly<Record<string, string>>;

/**
 * Reads inputs as what they stand for. Names are compared without regard to case, as the runner does.
 * @throws UserError with everything that is wrong: FL6020 missing, FL6021 unknown, FL6022 of a wrong type
 */
export function readInputs<Specs extends InputSpecs>(specs: Specs, raw: RawInputs): Inputs<Specs> {
  const given = new Map(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), value.trim()]));
  const names = Object.keys(specs);
  const findings: Diagnostic[] = [...given.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => unknown(name, names));
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const text = given.get(name) || literal(spec.default);
    if (text === '') {
      if (spec.required) findings.push(missing(name, spec));
      continue;
    }
    const value = parse(text, spec);
    if (value === undefined) findings.push(wrong(name, text, spec));
    else values[name] = value;
  }
  if (findings.length > 0) throw new UserError(findings);
  return values as Inputs<Specs>;
}

/** What an expression gives is not known here. */
function literal(text = ''): string {
  return text.includes('${{') ? '' : text;
}

function parse(text: string, { type = 'string', options }: InputSpec): string | boolean | number | undefined {
  if (type === 'boolean') return { true: true, false: false }[text.toLowerCase()];
  if (type === 'number') return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
  return options && !options.includes(text) ? undefined : text;
}

function missing(name: string, { description }: InputSpec): Diagnostic {
  return {
    code: 'FL6020',
    severity: 'error',
    message: `the input \`${name}\` is missing`,
    help: `Set it under \`with:\` in the workflow. ${description}`,
  };
}

function unknown(name: string, names: readonly string[]): Diagnostic {
  return {
    code: 'FL6021',
    severity: 'error',
    message: `there is no input \`${name}\``,
    help: `Remove it from \`with:\` in the workflow, or write it as one of ${[...names].sort().join(', ')}.`,
  };
}

function wrong(name: string, text: string, { type = 'string', options }: InputSpec): Diagnostic {
  const wanted = {
    boolean: '`true` or `false`',
    number: 'a whole number above 0',
    string: (options ?? []).map((option) => `\`${option}\``).join(', '),
  }[type];
  return {
    code: 'FL6022',
    severity: 'error',
    message: `the input \`${name}\` is ${JSON.stringify(text)}`,
    help: `Write ${wanted} under \`with:\` in the workflow.`,
  };
}
