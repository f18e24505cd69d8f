import { BlockList, isIPv4 } from 'node:net';
import { arnMatches, matches, type Surroundings, valuesOf } from './pattern.ts';
import { list, type Statement } from './policy.ts';

/**
 * Whether all conditions of a statement hold. "IAM JSON policy elements: Condition": all operators and all keys have to, and of each
 * key's values one, or with a negated operator none.
 * @throws Error for an operator that IAM does not know
 */
export function conditionsHold(condition: Statement['Condition'], surroundings: Required<Surroundings>): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, key, list(wanted).map(String), surroundings)),
  );
}

type Test = (wanted: string, value: string, surroundings: Surroundings) => boolean;

const number =
  (compare: (value: number, wanted: number) => boolean): Test =>
  (wanted, value) =>
    compare(Number(value), Number(wanted));
const date =
  (compare: (value: number, wanted: number) => boolean): Test =>
  (wanted, value) =>
    compare(timeOf(value), timeOf(wanted));

/** "IAM JSON policy elements: Condition operators". Each negated one is the other one's contrary. */
const operators: Record<string, { test: Test; negated?: true }> = {
  StringEquals: { test: (wanted, value, about) => matches(wanted, value, { ...about, wild: false }) },
  StringEqualsIgnoreCase: {
    test: (wanted, value, about) => matches(wanted, value, { ...about, wild: false, anyCase: true }),
  },
  StringLike: { test: matches },
  NumericEquals: { test: number((value, wanted) => value === wanted) },
  NumericLessThan: { test: number((value, wanted) => value < wanted) },
  NumericLessThanEquals: { test: number((value, wanted) => value <= wanted) },
  NumericGreaterThan: { test: number((value, wanted) => value > wanted) },
  NumericGreaterThanEquals: { test: number((value, wanted) => value >= wanted) },
  DateEquals: { test: date((value, wanted) => value === wanted) },
  DateLessThan: { test: date((value, wanted) => value < wanted) },
  DateLessThanEquals: { test: date((value, wanted) => value <= wanted) },
  DateGreaterThan: { test: date((value, wanted) => value > wanted) },
  DateGreaterThanEquals: { test: date((value, wanted) => value >= wanted) },
  Bool: { test: (wanted, value) => wanted.toLowerCase() === value.toLowerCase() },
  BinaryEquals: { test: (wanted, value) => wanted === value },
  IpAddress: { test: (wanted, value) => isWithin(value, wanted) },
  // The two are the same: "Amazon Resource Name (ARN) condition operators".
  ArnEquals: { test: arnMatches },
  ArnLike: { test: arnMatches },
};

for (const name of [
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'NumericEquals',
  'DateEquals',
  'ArnEquals',
  'ArnLike',
])
  operators[name.replace(/^(String|Numeric|Date|Arn)/, '$1Not')] = { test: operators[name]!.test, negated: true };
operators.NotIpAddress = { test: operators.IpAddress!.test, negated: true };

const operatorForm = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/;

function holds(operator: string, key: string, wanted: string[], surroundings: Required<Surroundings>): boolean {
  const [, set, name = '', ifExists] = operatorForm.exec(operator) ?? [];
  const values = valuesOf(surroundings.context, key);
  // "Condition operator to check existence of condition keys".
  if (name === 'Null') return wanted.some((one) => (one.toLowerCase() === 'true') === (values === undefined));
  const known = operators[name];
  if (!known) throw new Error(`IAM has no condition operator "${operator}".`);
  const one = (value: string) =>
    wanted.some((pattern) => known.test(pattern, value, surroundings)) !== (known.negated ?? false);
  // "Multivalued context keys": ForAllValues holds for a key that is not there or empty, ForAnyValue does not.
  if (set === 'ForAllValues') return (values ?? []).every(one);
  // "...IfExists condition operators", and a negated operator holds for a key that is not there.
  if (values === undefined || values.length === 0) return Boolean(ifExists) || (!set && (known.negated ?? false));
  if (set === 'ForAnyValue' || !known.negated) return values.some(one);
  return values.every(one);
}

/** ISO 8601, or seconds since 1970. */
const timeOf = (text: string) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

/** "IP address condition operators": an address, or a range of them in CIDR notation. */
function isWithin(address: string, range: string): boolean {
  const [base = '', bits] = range.split('/');
  const family = isIPv4(base) ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(base, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  return block.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
