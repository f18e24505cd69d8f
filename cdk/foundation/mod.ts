import { newDraft, templateOf } from '../draft.ts';
import { core } from '../library.ts';
import { requireRoom } from '../limits.ts';
import { type FoundationInput, type Stack, tagNames } from '../model.ts';
import { foundationStackName, logicalId } from '../names.ts';
import { alarmTopic } from './alarms.ts';
import { cacheServer } from './cache.ts';
import { calls } from './calls.ts';
import { cluster } from './cluster.ts';
import { databaseServers } from './database.ts';
import { discovery } from './discovery.ts';
import { type CacheUserOutput, manyOutputs, type ServerOutput } from './facts.ts';
import { loadBalancer } from './load-balancer.ts';
import { network } from './network.ts';
import { securityGroups } from './security-groups.ts';

/** What lies under the environments of a class. Pure: the same input gives the same stack to the byte. */
export function synthesizeFoundation(given: FoundationInput): Stack {
  const input = { ...given, needs: sorted(given.needs) };
  const { class: type, needs, repository } = input;
  const { foundation } = input.settings;
  const draft = newDraft();
  const { scope } = draft;
  const output = (key: string, value: string) => new core.CfnOutput(scope, key, { value });

  const name = `${foundation} ${type}`;
  const net = network(draft, input, name);
  const groups = securityGroups(draft, input, net);
  calls(draft, groups);
  const runs = cluster(draft, input);
  const front = loadBalancer(draft, input, net, groups);
  const { namespace, name: namespaceName } = discovery(draft, input, net);
  const topic = alarmTopic(draft, input);
  const servers = databaseServers(draft, input, {
    network: net,
    groups,
    ...(topic && { alarmTopic: topic.ref }),
  });
  const cache = cacheServer(draft, input, net, groups);

  output('VpcId', net.vpc.ref);
  output('TaskSubnets', net.taskSubnets.join(','));
  output('PublicIp', String(net.publicIp));
  output('TaskSecurityGroup', groups.tasks);
  output('ClusterName', runs.ref);
  output('ClusterArn', runs.attrArn);
  output('ListenerArn', front.listener.ref);
  output('LoadBalancerName', front.loadBalancer.attrLoadBalancerFullName);
  if (front.link) output('VpcLinkId', front.link.ref);
  output('NamespaceId', namespace.ref);
  output('NamespaceName', namespaceName);
  for (const { key, instance } of servers) {
    output(
      logicalId(manyOutputs.server, key),
      scope.toJsonString({
        key,
        host: instance.attrEndpointAddress,
        port: instance.attrEndpointPort,
        secretArn: instance.attrMasterUserSecretSecretArn,
      } satisfies Record<keyof ServerOutput, string>),
    );
  }
  if (cache) {
    output('CacheHost', cache.group.attrPrimaryEndPointAddress);
    output('CachePort', cache.group.attrPrimaryEndPointPort);
    for (const { key, secret } of cache.secrets) {
      output(
        logicalId(manyOutputs.cacheUser, key),
        scope.toJsonString({ key, secretArn: secret.ref } satisfies CacheUserOutput),
      );
    }
  }
  if (topic) output('AlarmTopicArn', topic.ref);
  const template = templateOf(draft);
  requireRoom(template, `the ${type} environments of ${foundation}`);
  return {
    name: foundationStackName(foundation, type),
    template: {
      Description: `Fairlead: what lies under ${type} environments of ${foundation}.`,
      Metadata: { fairlead: { needs } },
      ...template,
    },
    tags: {
      [tagNames.foundation]: foundation,
      [tagNames.type]: type,
      ...(repository && { [tagNames.repository]: repository }),
    },
    meanings: draft.meanings,
    protected: type !== 'preview',
  };
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
