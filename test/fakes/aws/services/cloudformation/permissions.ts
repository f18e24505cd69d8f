import type { Call, Wish } from '../../model.ts';
import type { Api } from './api.ts';

/** Service Authorization Reference, "Actions, resources, and condition keys for AWS CloudFormation". */
const onEverything = new Set(['DescribeStackDriftDetectionStatus', 'ListExports', 'ListStacks', 'ValidateTemplate']);

interface Input {
  StackName?: string;
  ChangeSetName?: string;
  RoleARN?: string;
  Tags?: { Key: string; Value: string }[];
}

export function wishesOf(api: Api, operation: string, input: Input, call: Call): Wish[] {
  const action = `cloudformation:${operation}`;
  const name = input.StackName ?? stackOfChangeSet(api, call, input.ChangeSetName);
  if (onEverything.has(operation) || name === undefined) return [{ action, resource: '*' }];
  const stack = api.stacks.find(call, name);
  const resource = stack?.id ?? (name.startsWith('arn:') ? name : api.arn(call, `stack/${name}/*`));
  const context = {
    ...asContext('aws:RequestTag', Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value]))),
    ...asContext('aws:ResourceTag', stack?.settings?.tags ?? {}),
    ...(input.Tags && { 'aws:TagKeys': input.Tags.map(({ Key }) => Key) }),
    ...(input.RoleARN && { 'cloudformation:RoleArn': input.RoleARN }),
  };
  const pass = input.RoleARN
    ? [
        {
          action: 'iam:PassRole',
          resource: input.RoleARN,
          context: { 'iam:PassedToService': 'cloudformation.amazonaws.com' },
        },
      ]
    : [];
  return [{ action, resource, context }, ...pass];
}

const asContext = (prefix: string, tags: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));

function stackOfChangeSet(api: Api, call: Call, id: string | undefined): string | undefined {
  if (!id?.startsWith('arn:')) return undefined;
  return api.stacks.of(call).find(({ changeSets }) => changeSets.has(id))?.id;
}
