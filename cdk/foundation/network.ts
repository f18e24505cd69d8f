import type { CfnRouteTable, CfnVPC } from 'aws-cdk-lib/aws-ec2';
import { type Draft, mean } from '../draft.ts';
import { core, ec2 } from '../library.ts';
import type { FoundationInput } from '../model.ts';

export interface Network {
  vpc: CfnVPC;
  cidr: string;
  /** Of the load balancer; of tasks, too, where there is no gateway. */
  publicSubnets: string[];
  taskSubnets: string[];
  /** Without any way to the internet. */
  storageSubnets: string[];
  /** Whether tasks are in the public subnets. */
  publicIp: boolean;
}

const cidr = '10.0.0.0/16';
const zones = ['A', 'B'] as const;

/** Per tier and zone; the rest is left for what somebody may want beside it. */
const ranges = {
  Public: ['10.0.0.0/24', '10.0.1.0/24'],
  Task: ['10.0.16.0/20', '10.0.32.0/20'],
  Storage: ['10.0.8.0/24', '10.0.9.0/24'],
} as const;

/**
 * Two zones. With gateways three tiers: public, tasks, storage. Without, tasks are in the public subnets with addresses of their own,
 * and a closed security group. What goes to S3 passes no gateway and costs nothing.
 */
export function network(draft: Draft, { account, settings: { natGateways } }: FoundationInput, name: string): Network {
  const { scope } = draft;
  const named = (part: string) => [{ key: 'Name', value: `${name} ${part}` }];
  const vpc = mean(
    draft,
    new ec2.CfnVPC(scope, 'Network', {
      cidrBlock: cidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: named('network'),
    }),
    { subject: 'network' },
  );
  const internet = mean(draft, new ec2.CfnInternetGateway(scope, 'Internet', { tags: named('internet') }), {
    subject: 'way to the internet',
  });
  const attached = mean(
    draft,
    new ec2.CfnVPCGatewayAttachment(scope, 'InternetAttachment', { vpcId: vpc.ref, internetGatewayId: internet.ref }),
    { subject: 'way to the internet' },
  );
  const table = (tier: string) =>
    mean(draft, new ec2.CfnRouteTable(scope, `${tier}Routes`, { vpcId: vpc.ref, tags: named(tier.toLowerCase()) }), {
      subject: `routes of the network (${tier.toLowerCase()})`,
    });
  const subnet = (tier: keyof typeof ranges, index: number, routes: CfnRouteTable) => {
    const id = `${tier}Subnet${zones[index]}`;
    const meaning = { subject: `subnet ${tier.toLowerCase()} ${zones[index]}` };
    const made = mean(
      draft,
      new ec2.CfnSubnet(scope, id, {
        vpcId: vpc.ref,
        cidrBlock: ranges[tier][index]!,
        availabilityZone: core.Fn.select(index, core.Fn.getAzs()),
        mapPublicIpOnLaunch: false,
        tags: named(`${tier.toLowerCase()} ${zones[index]}`),
      }),
      meaning,
    );
    mean(
      draft,
      new ec2.CfnSubnetRouteTableAssociation(scope, `${id}Routes`, { subnetId: made.ref, routeTableId: routes.ref }),
      meaning,
    );
    return made.ref;
  };

  const publicTable = table('Public');
  const out = mean(
    draft,
    new ec2.CfnRoute(scope, 'PublicRoute', {
      routeTableId: publicTable.ref,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: internet.ref,
    }),
    { subject: 'way to the internet' },
  );
  out.addResourceDependency(attached);
  const publicSubnets = zones.map((_, index) => subnet('Public', index, publicTable));
  const storageTable = table('Storage');
  const storageSubnets = zones.map((_, index) => subnet('Storage', index, storageTable));

  const gateways = zones.slice(0, natGateways).map((zone, index) => {
    const address = mean(
      draft,
      new ec2.CfnEIP(scope, `NatAddress${zone}`, { domain: 'vpc', tags: named(`gateway ${zone}`) }),
      {
        subject: `address of the gateway ${zone}`,
      },
    );
    address.addResourceDependency(attached);
    return mean(
      draft,
      new ec2.CfnNatGateway(scope, `NatGateway${zone}`, {
        subnetId: publicSubnets[index]!,
        allocationId: address.attrAllocationId,
        tags: named(`gateway ${zone}`),
      }),
      { subject: `gateway ${zone}, for what tasks send to the internet` },
    );
  });
  const taskTables = gateways.length === 0 ? [] : zones.map((zone) => table(`Task${zone}`));
  const taskSubnets = taskTables.map((routes, index) => {
    mean(
      draft,
      new ec2.CfnRoute(scope, `TaskRoute${zones[index]}`, {
        routeTableId: routes.ref,
        destinationCidrBlock: '0.0.0.0/0',
        natGatewayId: (gateways[index] ?? gateways[0]!).ref,
      }),
      { subject: 'way to the internet' },
    );
    return subnet('Task', index, routes);
  });
  mean(
    draft,
    new ec2.CfnVPCEndpoint(scope, 'StorageEndpoint', {
      vpcId: vpc.ref,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${account.region}.s3`,
      routeTableIds: [publicTable, ...taskTables].map((one) => one.ref),
    }),
    { subject: 'way to S3' },
  );
  return {
    vpc,
    cidr,
    publicSubnets,
    taskSubnets: taskSubnets.length > 0 ? taskSubnets : publicSubnets,
    storageSubnets,
    publicIp: taskSubnets.length === 0,
  };
}
