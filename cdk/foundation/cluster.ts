import type { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { type Draft, mean } from '../draft.ts';
import { ecs } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { physicalName, shortHash } from '../names.ts';

/** Where tasks run. */
export function cluster(draft: Draft, { class: type, settings: { foundation }, needs }: FoundationInput): CfnCluster {
  return mean(
    draft,
    new ecs.CfnCluster(draft.scope, 'Cluster', {
      clusterName: physicalName('cluster', foundation, type),
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      clusterSettings: [{ name: 'containerInsights', value: type === 'production' ? 'enabled' : 'disabled' }],
      // The metadata of a template alone cannot be updated: what it says of needs, a resource has to say with it.
      tags: [{ key: 'fairlead:needs', value: shortHash([JSON.stringify(needs)]) }],
    }),
    { subject: 'cluster' },
  );
}
