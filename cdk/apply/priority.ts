import type { Clients } from '../clients.ts';
import type { Template } from '../model.ts';

/** What listeners take. */
const highest = 50_000;

/**
 * The first of two priorities in a row that no other environment has at the listener. An environment keeps its own for its life.
 * @param deployed the template that is there
 */
export async function choosePriority(
  clients: Clients,
  ListenerArn: string,
  deployed: Template | undefined,
): Promise<number> {
  const own = Object.values(deployed?.Resources ?? {}).flatMap(({ Type, Properties }) =>
    Type === 'AWS::ElasticLoadBalancingV2::ListenerRule' ? [Number(Properties?.Priority)] : [],
  );
  if (own.length > 0) return Math.min(...own);
  const balancers = await clients.balancers();
  const taken = new Set<number>();
  let Marker: string | undefined;
  do {
    const page = await balancers.describeRules({ ListenerArn, ...(Marker && { Marker }) });
    for (const { Priority } of page.Rules ?? []) taken.add(Number(Priority));
    Marker = page.NextMarker;
  } while (Marker);
  // From anywhere, so that two that begin at the same time hardly ever want the same.
  const start = 1 + 2 * Math.floor((Math.random() * highest) / 2);
  for (let step = 0; step < highest; step += 2) {
    const at = ((start - 1 + step) % highest) + 1;
    if (at + 1 <= highest && !taken.has(at) && !taken.has(at + 1)) return at;
  }
  return start;
}
