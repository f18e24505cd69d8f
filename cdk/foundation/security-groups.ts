import type { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type Draft, mean } from '../draft.ts';
import { ec2 } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { physicalName } from '../names.ts';
import type { Network } from './network.ts';

/** The port that processes listen on. */
export const processPort = 8080;

export const databasePort = 5432;
export const cachePort = 6379;

/** Ids. What is not said is closed. */
export interface SecurityGroups {
  loadBalancer: string;
  /** Of the link from API Gateway; absent with a domain. */
  link?: string;
  tasks: string;
  database: string;
  cache: string;
}

/** What an answer to a request needs is allowed anyway: storage opens no connection itself. */
const nothingOut = [
  { ipProtocol: 'icmp', cidrIp: '255.255.255.255/32', fromPort: 252, toPort: 86, description: 'nothing' },
];

/** Who may connect to whom: the internet or the link → load balancer → tasks → storage. */
export function securityGroups(
  draft: Draft,
  { class: type, settings }: FoundationInput,
  { vpc }: Network,
): SecurityGroups {
  const { foundation, domain } = settings;
  const group = (
    id: string,
    what: string,
    ingress: CfnSecurityGroup.IngressProperty[],
    egress: CfnSecurityGroup.EgressProperty[],
  ) =>
    mean(
      draft,
      new ec2.CfnSecurityGroup(draft.scope, id, {
        groupName: physicalName('securityGroup', foundation, type, what),
        groupDescription: `Fairlead: ${what} of ${foundation}, ${type}`,
        vpcId: vpc.ref,
        securityGroupIngress: ingress,
        securityGroupEgress: egress,
      }),
      { subject: `who may connect to ${what}` },
    ).attrGroupId;
  const from = (sourceSecurityGroupId: string, port: number, description: string) => ({
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    sourceSecurityGroupId,
    description,
  });
  const anywhere = [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'what the application calls' }];
  const within = [
    { ipProtocol: 'tcp', cidrIp: '10.0.0.0/16', fromPort: 1, toPort: 65_535, description: 'the network' },
  ];

  const link = domain ? undefined : group('LinkAccess', 'link', [], within);
  const loadBalancer = group(
    'LoadBalancerAccess',
    'load balancer',
    link === undefined
      ? [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0', description: 'HTTPS' }]
      : [from(link, 80, 'the link')],
    within,
  );
  const tasks = group('TaskAccess', 'tasks', [from(loadBalancer, processPort, 'the load balancer')], anywhere);
  return {
    loadBalancer,
    ...(link !== undefined && { link }),
    tasks,
    database: group('DatabaseAccess', 'database', [from(tasks, databasePort, 'tasks')], nothingOut),
    cache: group('CacheAccess', 'cache', [from(tasks, cachePort, 'tasks')], nothingOut),
  };
}
