import { invalid } from './refusals.ts';
import type { ParameterDeclaration, TemplateDocument } from './template.ts';

export interface ParameterInput {
  ParameterKey?: string;
  ParameterValue?: string;
  UsePreviousValue?: boolean;
}

/** CloudFormation User Guide, "Parameters": the values as given, by name, with defaults filled in. @throws AwsError ValidationError */
export function takeParameters(
  template: TemplateDocument,
  given: readonly ParameterInput[],
  previous: Record<string, string> = {},
): Record<string, string> {
  const declared = template.Parameters ?? {};
  const foreign = given.map(({ ParameterKey }) => ParameterKey ?? '').filter((name) => !(name in declared));
  if (foreign.length > 0) throw invalid(`Parameters: [${foreign.join(', ')}] do not exist in the template`);
  const byName = new Map(given.map((one) => [one.ParameterKey ?? '', one]));
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, declaration] of Object.entries(declared)) {
    const one = byName.get(name);
    const value = one?.UsePreviousValue ? previous[name] : (one?.ParameterValue ?? defaultOf(declaration));
    if (value === undefined) missing.push(name);
    else values[name] = value;
  }
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  for (const [name, value] of Object.entries(values)) check(name, value, declared[name] as ParameterDeclaration);
  return values;
}

const defaultOf = ({ Default }: ParameterDeclaration): string | undefined =>
  Default === undefined || Default === null ? undefined : String(Default);

function check(name: string, value: string, declaration: ParameterDeclaration): void {
  const refuse = (otherwise: string) =>
    invalid(
      declaration.ConstraintDescription
        ? `Parameter ${name} failed to satisfy constraint: ${declaration.ConstraintDescription}`
        : otherwise,
    );
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue } = declaration;
  if (AllowedValues && !AllowedValues.map(String).includes(value)) {
    throw refuse(`Parameter '${name}' must be one of AllowedValues`);
  }
  if (AllowedPattern && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
    throw refuse(`Parameter '${name}' must match pattern ${AllowedPattern}`);
  }
  if (MinLength !== undefined && value.length < Number(MinLength)) {
    throw refuse(`Parameter '${name}' must contain at least ${MinLength} characters`);
  }
  if (MaxLength !== undefined && value.length > Number(MaxLength)) {
    throw refuse(`Parameter '${name}' must contain at most ${MaxLength} characters`);
  }
  if (declaration.Type === 'Number') checkNumber(name, value, MinValue, MaxValue, refuse);
}

function checkNumber(
  name: string,
  value: string,
  least: number | string | undefined,
  most: number | string | undefined,
  refuse: (otherwise: string) => Error,
): void {
  if (value.trim() === '' || !Number.isFinite(Number(value))) throw refuse(`Parameter '${name}' must be a number.`);
  if (least !== undefined && Number(value) < Number(least))
    throw refuse(`Parameter '${name}' must be a number not less than ${least}`);
  if (most !== undefined && Number(value) > Number(most))
    throw refuse(`Parameter '${name}' must be a number not greater than ${most}`);
}

const ssm = /^AWS::SSM::Parameter::Value<(.+)>$/;

/** "Specify existing resources at runtime with CloudFormation-supplied parameter types": the types whose value is a name in Parameter Store. */
export const isFromStore = ({ Type }: ParameterDeclaration): boolean => ssm.test(Type);

/** What `Ref` gives: lists are arrays. */
export function asReferenced({ Type }: ParameterDeclaration, value: string): unknown {
  const inner = ssm.exec(Type)?.[1] ?? Type;
  const isList = inner === 'CommaDelimitedList' || inner.startsWith('List<');
  return isList ? value.split(',').map((part) => part.trim()) : value;
}
