import type { CfnPrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { type Draft, mean } from '../draft.ts';
import { servicediscovery } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { physicalName } from '../names.ts';
import type { Network } from './network.ts';

/** Names by which processes find each other, within the network only. */
export function discovery(
  draft: Draft,
  { class: type, settings: { foundation } }: FoundationInput,
  { vpc }: Network,
): { namespace: CfnPrivateDnsNamespace; name: string } {
  const name = `${physicalName('namespace', foundation, type)}.internal`;
  const namespace = mean(
    draft,
    new servicediscovery.CfnPrivateDnsNamespace(draft.scope, 'Namespace', { name, vpc: vpc.ref }),
    {
      subject: 'names of processes',
    },
  );
  return { namespace, name };
}
