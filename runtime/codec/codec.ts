/** How values of one schema cross a boundary. Compiled once; `path` names the place within the value: `items[0].name`. */
export interface Codec {
  /** JSON → value: drops undeclared fields. @throws DecodeError */
  decode(value: unknown, path: string): unknown;
  /** Value → JSON: emits declared fields alone and checks nothing, since the types were checked. */
  encode(value: unknown): unknown;
  /** Whether a value, not JSON, is of this schema: how a union finds its member. */
  is(value: unknown): boolean;
  /** Whether JSON is already what `decode` makes of it: nothing to refuse, to convert or to drop. Where it holds, nothing is copied. */
  isDecoded(value: unknown): boolean;
  /** Whether `JSON.stringify` writes a value as it writes what `encode` makes of it. */
  isEncoded(value: unknown): boolean;
}

/** Of what is another value in code than in JSON. */
export const never = (): boolean => false;

/** Decodes JSON that nobody else holds, and copies it only where something is to be converted or dropped. @throws DecodeError */
export function decodeOwn(codec: Codec, json: unknown): unknown {
  return holds(codec.isDecoded, json) ? json : codec.decode(json, '');
}

/** Whether it holds; what goes deeper than the stack does not. */
export function holds(test: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return test(value);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A value that is not what its schema says. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** The place, empty for the whole value. */
  readonly path: string;
  /** Whether a literal differs: the value belongs to another member of a union. */
  readonly literal: boolean;
  /** Whether the value is of its type and breaks a rule of it. */
  readonly rule: boolean;

  constructor(path: string, message: string, literal = false, rule = false) {
    super(message);
    this.path = path;
    this.literal = literal;
    this.rule = rule;
  }
}

/** What is wrong with a value at a place: `items[0].price: expected a number, got a string`. */
export function wrongType(path: string, expected: string, value: unknown): DecodeError {
  return new DecodeError(path, `${at(path)}expected ${expected}, got ${kindOf(value)}`);
}

export function at(path: string): string {
  return path === '' ? '' : `${path}: `;
}

/** An error of what goes as deep as a value does, in words where the stack ended. @param said what it then is */
export function unlessTooDeep(error: unknown, said: () => Error): unknown {
  return error instanceof RangeError && error.message.includes('call stack') ? said() : error;
}

export const tooDeepToRead = (): Error => new DecodeError('', 'it is nested too deeply');

export const tooDeepToWrite = (): Error =>
  new Error('a value cannot be written as JSON: it is nested too deeply, or within itself');

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    return 'a number beyond what can be told';
  const kind = typeof value;
  return kind === 'object' ? 'an object' : kind === 'undefined' ? 'nothing' : `a ${kind}`;
}
