import { condition, evaluate, type Scope } from './intrinsics.ts';
import { asReferenced } from './parameters.ts';
import { invalid } from './refusals.ts';
import type { Settings, Stack } from './stack.ts';
import type { ParameterDeclaration, ResourceDeclaration, TemplateDocument } from './template.ts';

export type Lookups = Pick<Scope, 'ref' | 'attribute' | 'imported'>;

export const partitionOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
};

/** Everything that a template of the stack is worked out with. */
export function scopeOf(
  stack: Pick<Stack, 'id' | 'name' | 'account' | 'region'>,
  settings: Pick<Settings, 'template' | 'parameters' | 'resolved' | 'notifications'>,
  lookups: Lookups,
): Scope {
  const { template, parameters, resolved } = settings;
  const referenced = Object.entries(parameters).map(([name, value]) => {
    const declaration = template.Parameters?.[name] as ParameterDeclaration;
    return [name, asReferenced(declaration, resolved[name] ?? value)];
  });
  return {
    template,
    parameters: Object.fromEntries(referenced),
    pseudo: {
      'AWS::AccountId': stack.account,
      'AWS::NotificationARNs': settings.notifications,
      'AWS::Partition': partitionOf(stack.region),
      'AWS::Region': stack.region,
      'AWS::StackId': stack.id,
      'AWS::StackName': stack.name,
      'AWS::URLSuffix': stack.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com',
    },
    zones: (region) => ['a', 'b', 'c'].map((letter) => `${region}${letter}`),
    ...lookups,
  };
}

/** Of functions that may not speak of resources: conditions. */
export const withoutResources: Lookups = {
  ref: (id) => {
    throw invalid(
      `Template format error: Unresolved dependencies [${id}]. Cannot reference resources in the Conditions block of the template`,
    );
  },
  attribute: (id) => withoutResources.ref(id),
  imported: (name) => {
    throw invalid(`Template error: Cannot use Fn::ImportValue of ${name} in Conditions.`);
  },
};

/** Logical ids of the resources whose conditions hold. */
export function activeResources(template: TemplateDocument, scope: Scope): Set<string> {
  const holds = ({ Condition }: ResourceDeclaration) => Condition === undefined || condition(Condition, scope);
  return new Set(Object.keys(template.Resources).filter((id) => holds(template.Resources[id] as ResourceDeclaration)));
}

/** A value that has to be plain, such as a policy. */
export const evaluateText = (value: unknown, scope: Scope): string | undefined => {
  const result = evaluate(value, scope);
  return result === undefined ? undefined : String(result);
};
