import type { FoundationFacts } from '../model.ts';

type Server = FoundationFacts['servers'][string];

/** What each server's output says as JSON. */
export interface ServerOutput extends Server {
  key: string;
}

/** What each output of a user of the cache says as JSON. */
export interface CacheUserOutput {
  key: string;
  secretArn: string;
}

/** What the outputs begin with of which there are several: an output holds too little for a list. */
export const manyOutputs = { server: 'Server', cacheUser: 'CachePassword' } as const;

/** Reads the outputs of the stack of a Foundation, by key. */
export function readFoundation(outputs: Record<string, string>): FoundationFacts {
  const one = (key: string): string => {
    const value = outputs[key];
    if (value === undefined) throw new Error(`the stack of the Foundation has no output ${key}`);
    return value;
  };
  const many = <T>(prefix: string): T[] =>
    Object.keys(outputs)
      .filter((key) => key.startsWith(prefix))
      .sort()
      .map((key) => JSON.parse(outputs[key]!) as T);
  const { VpcLinkId, CacheHost, CachePort, AlarmTopicArn } = outputs;
  const users = many<CacheUserOutput>(manyOutputs.cacheUser);
  return {
    vpcId: one('VpcId'),
    taskSubnets: one('TaskSubnets').split(','),
    publicIp: one('PublicIp') === 'true',
    taskSecurityGroup: one('TaskSecurityGroup'),
    clusterName: one('ClusterName'),
    clusterArn: one('ClusterArn'),
    listenerArn: one('ListenerArn'),
    loadBalancerName: one('LoadBalancerName'),
    ...(VpcLinkId !== undefined && { vpcLinkId: VpcLinkId }),
    namespaceId: one('NamespaceId'),
    namespaceName: one('NamespaceName'),
    servers: Object.fromEntries(
      many<ServerOutput>(manyOutputs.server).map(({ key, host, port, secretArn }) => [
        key,
        { host, port: Number(port), secretArn },
      ]),
    ),
    ...(CacheHost !== undefined && {
      cache: {
        host: CacheHost,
        port: Number(CachePort),
        secrets: Object.fromEntries(users.map(({ key, secretArn }) => [key, secretArn])),
      },
    }),
    ...(AlarmTopicArn !== undefined && { alarmTopicArn: AlarmTopicArn }),
  };
}
