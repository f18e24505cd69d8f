import type { Service, Tagged, World } from '../../model.ts';
import { page } from '../paging.ts';

interface Filter {
  Key: string;
  Values?: string[];
}

/** "Resource Groups Tagging API Reference": what services say about their tags with `tagged`. */
export function createTagging(world: World): Service {
  const all = ({ account, region }: { account: string; region: string }): Tagged[] =>
    [...world.services.values()]
      .flatMap(({ tagged }) => [...(tagged?.() ?? [])])
      .filter((one) => isAt(one, account, region));

  return {
    id: 'tagging',
    authorize: (operation) => [{ action: `tag:${operation}`, resource: '*' }],
    operations: {
      GetResources(input, call) {
        const {
          TagFilters = [],
          ResourceTypeFilters,
          ResourceARNList,
          PaginationToken,
          ResourcesPerPage = 100,
        } = input;
        const found = all(call)
          .filter(({ tags }) => TagFilters.every((filter: Filter) => passes(tags, filter)))
          .filter(({ arn }) => !ResourceTypeFilters || ResourceTypeFilters.some((type: string) => isOfType(arn, type)))
          .filter(({ arn }) => !ResourceARNList || ResourceARNList.includes(arn));
        const { items, next } = page(found, PaginationToken || undefined, ResourcesPerPage);
        const ResourceTagMappingList = items.map(({ arn, tags }) => ({
          ResourceARN: arn,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        }));
        return { ResourceTagMappingList, PaginationToken: next ?? '' };
      },
      GetTagKeys: (_input, call) => ({
        TagKeys: [...new Set(all(call).flatMap(({ tags }) => Object.keys(tags)))].sort(),
        PaginationToken: '',
      }),
      GetTagValues: ({ Key }, call) => ({
        TagValues: [...new Set(all(call).flatMap(({ tags }) => tags[Key] ?? []))].sort(),
        PaginationToken: '',
      }),
    },
  };
}

/** Buckets have no region and no account in their ARNs; what else has none is global, and found in us-east-1. */
function isAt({ arn }: Tagged, account: string, region: string): boolean {
  const [, , service, where, whose] = arn.split(':');
  const here = where === region || (!where && (service === 's3' || region === 'us-east-1'));
  return here && (!whose || whose === account);
}

/** All filters have to fit, and of each one's values one; no values means any. */
const passes = (tags: Record<string, string>, { Key, Values = [] }: Filter) =>
  tags[Key] !== undefined && (Values.length === 0 || Values.includes(tags[Key]));

/** `ecs`, or `ecs:service` with the type before the first `/` or `:` of the resource. */
function isOfType(arn: string, wanted: string): boolean {
  const [, , service, , , ...rest] = arn.split(':');
  const [wantedService, wantedType] = wanted.split(':');
  const type = rest.join(':').split(/[/:]/)[0];
  return service === wantedService && (wantedType === undefined || type === wantedType);
}
