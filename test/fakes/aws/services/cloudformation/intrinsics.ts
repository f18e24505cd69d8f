import { invalid } from './refusals.ts';
import { isRecord, same } from './spec.ts';
import type { TemplateDocument } from './template.ts';

/** What the functions of a template are worked out with. CloudFormation Template Reference, "Intrinsic function reference". */
export interface Scope {
  template: TemplateDocument;
  /** What `Ref` gives for them: lists are arrays. */
  parameters: Record<string, unknown>;
  /** `AWS::Region` and its like. */
  pseudo: Record<string, unknown>;
  /** {@link Unknown} before the resource is there. */
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  imported(name: string): unknown;
  zones(region: string): string[];
}

export interface Cause {
  source: 'ResourceReference' | 'ResourceAttribute';
  /** `Queue` or `Queue.Arn`. */
  entity: string;
}

/** What a change set cannot tell before it is executed. */
export class Unknown {
  readonly causes: Cause[];
  constructor(causes: Cause[]) {
    this.causes = causes;
  }
}

/** As change sets show it, with IncludePropertyValues. */
export const knownAfterApply = '{{changeSet:KNOWN_AFTER_APPLY}}';

const absent = Symbol('AWS::NoValue');

/** The value, with `AWS::NoValue` left out wherever it stands. */
export function evaluate(value: unknown, scope: Scope): unknown {
  const result = work(value, scope);
  return result === absent ? undefined : result;
}

function work(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => work(item, scope)).filter((item) => item !== absent);
  if (!isRecord(value) || value instanceof Unknown) return value;
  const call = asCall(value);
  if (call) return apply(call.name, call.argument, scope);
  const entries = Object.entries(value).map(([key, inner]) => [key, work(inner, scope)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== absent));
}

/** `{"Fn::Join": […]}`; undefined for what is plain. */
export function asCall(value: Record<string, unknown>): { name: string; argument: unknown } | undefined {
  const [key, ...more] = Object.keys(value);
  if (key === undefined || more.length > 0) return undefined;
  if (key !== 'Ref' && key !== 'Condition' && !key.startsWith('Fn::')) return undefined;
  if (key === 'Condition' && typeof value[key] !== 'string') return undefined;
  return { name: key, argument: value[key] };
}

function apply(name: string, argument: unknown, scope: Scope): unknown {
  if (name === 'Ref') return ref(String(argument), scope);
  if (name === 'Condition') return condition(String(argument), scope);
  if (name === 'Fn::GetAtt') return attribute(argument, scope);
  if (name === 'Fn::If') return choose(argument, scope);
  if (name === 'Fn::Sub') return substitute(argument, scope);
  if (name === 'Fn::FindInMap') return findInMap(argument, scope);
  const plain = functions[name];
  if (!plain) throw invalid(`Template format error: Unrecognized function ${name}`);
  const worked = work(argument, scope);
  const unknown = causesIn(worked);
  return unknown.length > 0 ? new Unknown(unknown) : plain(worked, scope);
}

/** Every cause of what is not known in a value. */
export function causesIn(value: unknown): Cause[] {
  if (value instanceof Unknown) return value.causes;
  if (Array.isArray(value)) return value.flatMap(causesIn);
  return isRecord(value) ? Object.values(value).flatMap(causesIn) : [];
}

function ref(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return absent;
  if (name in scope.pseudo) return scope.pseudo[name];
  if (name in scope.parameters) return scope.parameters[name];
  return scope.ref(name);
}

function attribute(argument: unknown, scope: Scope): unknown {
  const [id, ...rest] = Array.isArray(argument) ? argument : String(argument).split('.');
  const parts = rest.map((part) => String(work(part, scope)));
  return scope.attribute(String(id), parts.join('.'));
}

function choose(argument: unknown, scope: Scope): unknown {
  const [name, yes, no] = list(argument, 'Fn::If');
  return work(condition(String(name), scope) ? yes : no, scope);
}

/** Of a name among the template's conditions. */
export function condition(name: string, scope: Scope): boolean {
  const body = scope.template.Conditions?.[name];
  if (body === undefined)
    throw invalid(
      `Template format error: Unresolved condition dependency ${name} in the Conditions block of the template`,
    );
  return truth(work(body, scope));
}

const truth = (value: unknown): boolean => value === true || value === 'true';

function substitute(argument: unknown, scope: Scope): unknown {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  const causes: Cause[] = [];
  const result = String(text).replace(/\$\{(!?)([^}]*)\}/g, (_whole, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    const key = name.trim();
    const value = isRecord(given) && key in given ? work(given[key], scope) : reference(key, scope);
    causes.push(...causesIn(value));
    return asText(value);
  });
  return causes.length > 0 ? new Unknown(causes) : result;
}

function reference(key: string, scope: Scope): unknown {
  const dot = key.indexOf('.');
  return dot === -1 ? ref(key, scope) : scope.attribute(key.slice(0, dot), key.slice(dot + 1));
}

const asText = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
};

function findInMap(argument: unknown, scope: Scope): unknown {
  const [map, top, second, options] = list(argument, 'Fn::FindInMap').map((item) => work(item, scope));
  const found = scope.template.Mappings?.[String(map)]?.[String(top)]?.[String(second)];
  if (found !== undefined) return found;
  if (isRecord(options) && 'DefaultValue' in options) return options.DefaultValue;
  throw invalid(`Template error: Unable to get mapping for ${map}::${top}::${second}`);
}

const functions: Record<string, (argument: unknown, scope: Scope) => unknown> = {
  'Fn::Join': (argument) => {
    const [separator, items] = list(argument, 'Fn::Join');
    if (!Array.isArray(items))
      throw invalid(
        'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
      );
    return items.map(asText).join(String(separator));
  },
  'Fn::Split': (argument) => {
    const [separator, text] = list(argument, 'Fn::Split');
    return String(text).split(String(separator));
  },
  'Fn::Select': (argument) => {
    const [index, items] = list(argument, 'Fn::Select');
    const from = Array.isArray(items) ? items : String(items).split(',');
    const found = from[Number(index)];
    if (found === undefined)
      throw invalid(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
    return found;
  },
  'Fn::Base64': (argument) => Buffer.from(String(argument)).toString('base64'),
  'Fn::Equals': (argument) => {
    const [a, b] = list(argument, 'Fn::Equals');
    return same(a, b);
  },
  'Fn::Not': (argument) => !truth(list(argument, 'Fn::Not')[0]),
  'Fn::And': (argument) => list(argument, 'Fn::And').every(truth),
  'Fn::Or': (argument) => list(argument, 'Fn::Or').some(truth),
  'Fn::ImportValue': (argument, scope) => scope.imported(String(argument)),
  'Fn::GetAZs': (argument, scope) => scope.zones(String(argument || scope.pseudo['AWS::Region'])),
  'Fn::Cidr': (argument) => {
    const [block, count, bits] = list(argument, 'Fn::Cidr');
    return cidr(String(block), Number(count), Number(bits ?? 0));
  },
  'Fn::ToJsonString': (argument) => JSON.stringify(argument),
  'Fn::Length': (argument) => list(argument, 'Fn::Length').length,
};

function list(argument: unknown, name: string): unknown[] {
  if (!Array.isArray(argument)) throw invalid(`Template error: ${name} requires a list argument`);
  return argument;
}

/** Blocks of IPv4 with so many host bits, from the start of the given one. */
function cidr(block: string, count: number, bits: number): string[] {
  const [address = '', mask = '32'] = block.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (count < 1 || count > 256 || count * 2 ** bits > 2 ** (32 - Number(mask))) {
    throw invalid(`Template error: Fn::Cidr cannot make ${count} blocks of ${bits} bits in ${block}`);
  }
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * 2 ** bits;
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) % 256);
    return `${parts.join('.')}/${32 - bits}`;
  });
}
