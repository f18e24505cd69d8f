import type { Deployed } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { ownerOf } from './deployed.ts';
import { tagged } from './destroy/leftovers.ts';
import { tagNames } from './model.ts';
import { environmentStacks, look } from './read.ts';

/** Every environment of one application or all: the stacks, and what is left of those whose stack is gone. */
export async function listEnvironments(aws: Aws, application?: string): Promise<Deployed[]> {
  const stacks = await environmentStacks(aws, application);
  const deployed = (await Promise.all(stacks.map((stack) => look(aws, stack)))).filter((one) => one !== undefined);
  const known = new Set(stacks.map(keyOf));
  const remains = new Map<string, Deployed>();
  for (const { tags } of await tagged(aws)) {
    const owner = ownerOf({ tags });
    if (!owner || known.has(keyOf({ tags }))) continue;
    if (application !== undefined && owner.environment.application !== application) continue;
    remains.set(keyOf({ tags }), {
      ...owner,
      state: 'incomplete',
      processes: [],
      updated: aws.time.now().toISOString(),
    });
  }
  return [...deployed, ...remains.values()].sort(
    ({ environment: a }, { environment: b }) => compare(a.application, b.application) || compare(a.name, b.name),
  );
}

function keyOf({ tags }: { tags: Record<string, string> }): string {
  return `${tags[tagNames.application]}/${tags[tagNames.environment]}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
