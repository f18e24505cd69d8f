import { AwsError, type Properties, type ResourceContext, type World } from '../../model.ts';
import { actions, arn, generatedName, type Keeper, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { Interfaces } from './interfaces.ts';

export interface Network {
  vpcs: Keeper;
  subnets: Keeper;
  groups: Keeper;
  natGateways: Keeper;
  addresses: Keeper;
  resources: Record<string, Keeper['provider']>;
}

/** How often, and how long, CloudFormation tries again to delete what is still in use: Knowledge Center, "stuck in DELETE_IN_PROGRESS". */
const patience = { every: 30_000, times: 30 };

/** The CloudFormation types of a network. Amazon VPC User Guide; what depends on what: "Delete your VPC", "Delete a security group". */
export function createNetwork(world: World, interfaces: () => Interfaces): Network {
  const hex = (prefix: string) => `${prefix}-${world.random.text(17, '0123456789abcdef')}`;
  const plugged = () => [...interfaces().all.values()];

  async function freed(used: () => boolean, message: string, { signal }: ResourceContext): Promise<void> {
    for (let attempt = 0; used(); attempt += 1) {
      if (attempt === patience.times || signal.aborted) throw new AwsError('DependencyViolation', message);
      await world.clock.sleep(patience.every);
    }
  }

  function needs(keep: () => Keeper, id: unknown, code: string, noun: string): void {
    if (!keep().all.has(String(id))) throw new AwsError(code, `The ${noun} ID '${id}' does not exist`);
  }

  const inVpc = (keep: Keeper, vpc: string) =>
    [...keep.all.values()].some(({ properties }) => properties.VpcId === vpc);

  const vpcs: Keeper = keeper({
    id: () => hex('vpc'),
    attributes: ({ id, properties }, context) => ({
      VpcId: id,
      CidrBlock: properties.CidrBlock,
      CidrBlockAssociations: [hex('vpc-cidr-assoc')],
      DefaultSecurityGroup: `sg-${id.slice(4)}`,
      DefaultNetworkAcl: `acl-${id.slice(4)}`,
      VpcArn: arn('ec2', context, `vpc/${id}`),
    }),
    remove: ({ id }, context) =>
      freed(
        () => inVpc(subnets, id) || inVpc(groups, id) || inVpc(attachments, id) || inVpc(endpoints, id),
        `The vpc '${id}' has dependencies and cannot be deleted.`,
        context,
      ),
    latency: latencies.vpc,
    wishes: actions({
      create: ['ec2:CreateVpc', 'ec2:DescribeVpcs', 'ec2:ModifyVpcAttribute', 'ec2:CreateTags'],
      update: ['ec2:ModifyVpcAttribute', 'ec2:CreateTags'],
      delete: ['ec2:DeleteVpc', 'ec2:DescribeVpcs'],
    }),
  });

  const subnets: Keeper = keeper({
    id: () => hex('subnet'),
    check: ({ VpcId }) => needs(() => vpcs, VpcId, 'InvalidVpcID.NotFound', 'vpc'),
    attributes: ({ id, properties }, context) => ({
      SubnetId: id,
      AvailabilityZone: properties.AvailabilityZone ?? `${context.region}a`,
      CidrBlock: properties.CidrBlock,
      VpcId: properties.VpcId,
      NetworkAclAssociationId: hex('aclassoc'),
    }),
    remove: ({ id }, context) =>
      freed(
        () =>
          plugged().some(({ subnetId }) => subnetId === id) ||
          [...natGateways.all.values()].some(({ properties }) => properties.SubnetId === id),
        `The subnet '${id}' has dependencies and cannot be deleted.`,
        context,
      ),
    latency: latencies.network,
    wishes: actions({
      create: ['ec2:CreateSubnet', 'ec2:DescribeSubnets', 'ec2:ModifySubnetAttribute', 'ec2:CreateTags'],
      update: ['ec2:ModifySubnetAttribute', 'ec2:CreateTags'],
      delete: ['ec2:DeleteSubnet', 'ec2:DescribeSubnets'],
    }),
  });

  const groups: Keeper = keeper({
    id: () => hex('sg'),
    check: ({ VpcId, GroupDescription }) => {
      if (VpcId !== undefined) needs(() => vpcs, VpcId, 'InvalidVpcID.NotFound', 'vpc');
      if (!/^[\w .:/()#,@[\]+=&;{}!$*-]{0,255}$/.test(GroupDescription))
        throw new AwsError(
          'InvalidParameterValue',
          'Value for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.',
        );
    },
    attributes: ({ id, properties }, context) => ({
      GroupId: id,
      Id: id,
      VpcId: properties.VpcId,
      GroupName: properties.GroupName ?? generatedName(context, world.random),
    }),
    remove: ({ id }, context) =>
      freed(
        () =>
          plugged().some(({ securityGroups }) => securityGroups.includes(id)) ||
          [...groups.all.values(), ...ingress.all.values(), ...egress.all.values()].some(
            (other) => other.id !== id && refersTo(other.properties, id),
          ),
        `resource ${id} has a dependent object`,
        context,
      ),
    latency: latencies.network,
    wishes: actions({
      create: [
        'ec2:CreateSecurityGroup',
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:CreateTags',
        'ec2:DescribeSecurityGroups',
      ],
      update: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress', 'ec2:CreateTags'],
      delete: ['ec2:DeleteSecurityGroup', 'ec2:DescribeSecurityGroups'],
    }),
  });

  const rule = (side: 'Ingress' | 'Egress') =>
    keeper({
      id: () => hex('sgr'),
      check: ({ GroupId }) => needs(() => groups, GroupId, 'InvalidGroup.NotFound', 'security group'),
      attributes: ({ id }) => ({ Id: id, SecurityGroupRuleId: id }),
      latency: latencies.network,
      wishes: actions({
        create: [`ec2:AuthorizeSecurityGroup${side}`, 'ec2:DescribeSecurityGroupRules'],
        update: [`ec2:UpdateSecurityGroupRuleDescriptions${side}`],
        delete: [`ec2:RevokeSecurityGroup${side}`],
      }),
    });
  const ingress = rule('Ingress');
  const egress = rule('Egress');

  const gateways: Keeper = keeper({
    id: () => hex('igw'),
    attributes: ({ id }) => ({ InternetGatewayId: id }),
    remove: ({ id }, context) =>
      freed(
        () => [...attachments.all.values()].some(({ properties }) => properties.InternetGatewayId === id),
        `The internetGateway '${id}' has dependencies and cannot be deleted.`,
        context,
      ),
    latency: latencies.internetGateway,
    wishes: actions({
      create: ['ec2:CreateInternetGateway', 'ec2:CreateTags', 'ec2:DescribeInternetGateways'],
      update: ['ec2:CreateTags'],
      delete: ['ec2:DeleteInternetGateway', 'ec2:DescribeInternetGateways'],
    }),
  });

  const attachments: Keeper = keeper({
    id: ({ VpcId }) => `IGW|${VpcId}`,
    check: ({ VpcId }) => needs(() => vpcs, VpcId, 'InvalidVpcID.NotFound', 'vpc'),
    remove: ({ properties }, context) =>
      freed(
        () =>
          plugged().some((one) => one.publicIp && subnets.all.get(one.subnetId)?.properties.VpcId === properties.VpcId),
        `Network ${properties.VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
        context,
      ),
    latency: latencies.network,
    wishes: actions({
      create: ['ec2:AttachInternetGateway', 'ec2:DescribeInternetGateways'],
      update: ['ec2:AttachInternetGateway', 'ec2:DetachInternetGateway'],
      delete: ['ec2:DetachInternetGateway'],
    }),
  });

  const tables = keeper({
    id: () => hex('rtb'),
    check: ({ VpcId }) => needs(() => vpcs, VpcId, 'InvalidVpcID.NotFound', 'vpc'),
    attributes: ({ id }) => ({ RouteTableId: id }),
    latency: latencies.network,
    wishes: actions({
      create: ['ec2:CreateRouteTable', 'ec2:CreateTags', 'ec2:DescribeRouteTables'],
      update: ['ec2:CreateTags'],
      delete: ['ec2:DeleteRouteTable', 'ec2:DescribeRouteTables'],
    }),
  });

  const routes = keeper({
    id: ({ RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId }) =>
      `${RouteTableId}|${DestinationCidrBlock ?? DestinationIpv6CidrBlock ?? DestinationPrefixListId}`,
    check: ({ RouteTableId }) => needs(() => tables, RouteTableId, 'InvalidRouteTableID.NotFound', 'routeTable'),
    latency: latencies.network,
    wishes: actions({
      create: ['ec2:CreateRoute', 'ec2:DescribeRouteTables'],
      update: ['ec2:ReplaceRoute'],
      delete: ['ec2:DeleteRoute', 'ec2:DescribeRouteTables'],
    }),
  });

  const associations = keeper({
    id: () => hex('rtbassoc'),
    check: ({ RouteTableId, SubnetId }) => {
      needs(() => tables, RouteTableId, 'InvalidRouteTableID.NotFound', 'routeTable');
      needs(() => subnets, SubnetId, 'InvalidSubnetID.NotFound', 'subnet');
    },
    attributes: ({ id }) => ({ Id: id }),
    latency: latencies.network,
    wishes: actions({
      create: ['ec2:AssociateRouteTable', 'ec2:DescribeRouteTables'],
      update: ['ec2:ReplaceRouteTableAssociation'],
      delete: ['ec2:DisassociateRouteTable', 'ec2:DescribeRouteTables'],
    }),
  });

  const addresses = keeper({
    id: () => `203.0.113.${1 + Math.floor(world.random.next() * 250)}`,
    attributes: ({ id }) => ({ AllocationId: hex('eipalloc'), PublicIp: id }),
    latency: latencies.internetGateway,
    wishes: actions({
      create: ['ec2:AllocateAddress', 'ec2:DescribeAddresses', 'ec2:CreateTags'],
      update: ['ec2:CreateTags'],
      delete: ['ec2:ReleaseAddress', 'ec2:DescribeAddresses'],
    }),
  });

  const natGateways: Keeper = keeper({
    id: () => hex('nat'),
    check: ({ SubnetId }) => needs(() => subnets, SubnetId, 'InvalidSubnetID.NotFound', 'subnet'),
    attributes: ({ id }) => ({ NatGatewayId: id }),
    latency: latencies.natGateway,
    wishes: actions({
      create: ['ec2:CreateNatGateway', 'ec2:DescribeNatGateways', 'ec2:CreateTags'],
      update: ['ec2:CreateTags'],
      delete: ['ec2:DeleteNatGateway', 'ec2:DescribeNatGateways'],
    }),
  });

  const endpoints: Keeper = keeper({
    id: () => hex('vpce'),
    check: ({ VpcId }) => needs(() => vpcs, VpcId, 'InvalidVpcID.NotFound', 'vpc'),
    attributes: ({ id }) => ({ Id: id, CreationTimestamp: new Date(world.clock.now()).toISOString(), DnsEntries: [] }),
    latency: latencies.network,
    wishes: actions({
      create: ['ec2:CreateVpcEndpoint', 'ec2:DescribeVpcEndpoints', 'ec2:CreateTags'],
      update: ['ec2:ModifyVpcEndpoint', 'ec2:DescribeVpcEndpoints'],
      delete: ['ec2:DeleteVpcEndpoints', 'ec2:DescribeVpcEndpoints'],
    }),
  });

  return {
    vpcs,
    subnets,
    groups,
    natGateways,
    addresses,
    resources: {
      'AWS::EC2::VPC': vpcs.provider,
      'AWS::EC2::Subnet': subnets.provider,
      'AWS::EC2::SecurityGroup': groups.provider,
      'AWS::EC2::SecurityGroupIngress': ingress.provider,
      'AWS::EC2::SecurityGroupEgress': egress.provider,
      'AWS::EC2::InternetGateway': gateways.provider,
      'AWS::EC2::VPCGatewayAttachment': attachments.provider,
      'AWS::EC2::RouteTable': tables.provider,
      'AWS::EC2::Route': routes.provider,
      'AWS::EC2::SubnetRouteTableAssociation': associations.provider,
      'AWS::EC2::EIP': addresses.provider,
      'AWS::EC2::NatGateway': natGateways.provider,
      'AWS::EC2::VPCEndpoint': endpoints.provider,
    },
  };
}

function refersTo(properties: Properties, id: string): boolean {
  const rules = [properties, ...(properties.SecurityGroupIngress ?? []), ...(properties.SecurityGroupEgress ?? [])];
  return rules.some((rule) => rule.SourceSecurityGroupId === id || rule.DestinationSecurityGroupId === id);
}
