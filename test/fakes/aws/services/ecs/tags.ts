import { AwsError, type Operation } from '../../model.ts';
import type { State } from './model.ts';

interface Tag {
  key?: string | undefined;
  value?: string | undefined;
}

export function putTags({ tags }: State, arn: string, given: readonly Tag[] | undefined): void {
  const before = tags.get(arn) ?? {};
  tags.set(arn, { ...before, ...Object.fromEntries((given ?? []).map(({ key = '', value = '' }) => [key, value])) });
}

export function tagList({ tags }: State, arn: string): Tag[] {
  return Object.entries(tags.get(arn) ?? {}).map(([key, value]) => ({ key, value }));
}

export function tagOperations(state: State): Record<string, Operation> {
  const known = (arn: string) => {
    if (!state.tags.has(arn))
      throw new AwsError('InvalidParameterException', `The specified resource ${arn} was not found.`);
    return arn;
  };
  return {
    TagResource({ resourceArn, tags }) {
      putTags(state, known(resourceArn), tags);
      return {};
    },
    UntagResource({ resourceArn, tagKeys }: { resourceArn: string; tagKeys: string[] }) {
      const left = Object.entries(state.tags.get(known(resourceArn)) ?? {}).filter(([key]) => !tagKeys.includes(key));
      state.tags.set(resourceArn, Object.fromEntries(left));
      return {};
    },
    ListTagsForResource: ({ resourceArn }) => ({ tags: tagList(state, known(resourceArn)) }),
  };
}
