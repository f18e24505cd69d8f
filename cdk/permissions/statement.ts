/** Text, or what CloudFormation puts text in for, such as `{ Ref: 'Queue' }`. */
export type Value = string | { readonly [intrinsic: string]: unknown };

/** A statement of an IAM policy. Ours only allow. */
export interface Statement {
  /** Letters and digits; tells it from the others of its document. */
  Sid: string;
  Effect: 'Allow';
  /** Sorted. */
  Action: string[];
  Resource: Value[];
  Condition?: Conditions;
}

/** By operator, then by condition key. */
export type Conditions = Record<string, Record<string, Value | Value[]>>;

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: Statement[];
}

export function document(statements: Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/** A statement with its actions in order, each once. */
export function allow(Sid: string, actions: string[], Resource: Value[], Condition?: Conditions): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Action: [...new Set(actions)].sort(),
    Resource,
    ...(Condition && { Condition }),
  };
}

/** The same text after a value that may not be known before it is deployed. */
export function append(value: Value, text: string): Value {
  return typeof value === 'string' ? `${value}${text}` : { 'Fn::Join': ['', [value, text]] };
}
