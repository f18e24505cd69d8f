import type { Wish } from '../../model.ts';
import { tagProperty } from './spec.ts';

/** "AWS global condition context keys": CloudFormation is one of the services that say so. */
const calledVia = ['cloudformation.amazonaws.com'];

/**
 * The keys `aws:RequestTag` and `aws:ResourceTag` of what CloudFormation asks of a service: it gives the tags of the stack to what it
 * makes ("Resource tags", CloudFormation User Guide). A resource that can have none hangs on one that has them, such as a route on its
 * table: then those are what IAM sees ("Controlling access to AWS resources using tags", IAM User Guide).
 */
export function withRequestKeys(
  wishes: readonly Wish[],
  verb: 'create' | 'update' | 'delete',
  type: string,
  tags: Readonly<Record<string, string>>,
): Wish[] {
  const taggable = tagProperty(type) !== undefined;
  const given = keysOf('aws:RequestTag', tags);
  const there = keysOf('aws:ResourceTag', tags);
  return wishes.map((wish) => {
    const making = taggable && isMaking(wish.action);
    const keys = {
      ...(taggable && verb !== 'delete' && (making || isTagging(wish.action)) && given),
      ...(!(verb === 'create' && making) && there),
    };
    return { ...wish, context: { ...keys, 'aws:CalledVia': calledVia, ...wish.context } };
  });
}

/** Also the tagging that comes with it: what is tagged is there only from then on. */
function isMaking(action: string): boolean {
  return /:(Create|Allocate|Request|Import|POST|PUT)/.test(action) || isTagging(action);
}

function isTagging(action: string): boolean {
  return /:(CreateTags|AddTags|TagResource|AddTagsTo\w+)$/.test(action);
}

function keysOf(prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));
}
