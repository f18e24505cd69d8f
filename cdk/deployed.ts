import type { Environment } from '../pipeline/mod.ts';
import type { Owned, OwnershipWords } from '../pipeline/refusals/ownership.ts';
import { tagNames } from './model.ts';
import type { StackState } from './stacks/read.ts';

/** Whose environment a stack is; undefined when it is none of ours. */
export function ownerOf({ tags }: Pick<StackState, 'tags'>): Owned | undefined {
  const { [tagNames.application]: application, [tagNames.environment]: name, [tagNames.type]: type } = tags;
  if (application === undefined || name === undefined || !isType(type)) return undefined;
  const repository = tags[tagNames.repository];
  const pullRequest = type === 'preview' ? /^pr-([1-9]\d{0,8})$/.exec(name)?.[1] : undefined;
  return {
    environment: { application, name, type, ...(pullRequest && { pullRequest: Number(pullRequest) }) },
    ...(repository !== undefined && { repository }),
  };
}

export function wordsIn(account: string): OwnershipWords {
  return {
    where: `in the AWS account ${account}`,
    apart: 'an account or a region of their own',
  };
}

function isType(type: string | undefined): type is Environment['type'] {
  return type === 'preview' || type === 'development' || type === 'production';
}
