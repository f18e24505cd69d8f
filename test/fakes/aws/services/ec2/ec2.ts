import { AwsError, type Call, type Service, type World } from '../../model.ts';
import { type Keeper, type Kept, tagList } from '../keeper.ts';
import { createInterfaces, type Interfaces, type NetworkInterface } from './interfaces.ts';
import { createNetwork } from './network.ts';

/** Networks as far as stacks need them: what is in what, and what keeps what from being deleted. No packet goes through it. */
export interface Ec2 extends Service {
  interfaces: Interfaces;
  /** Of a subnet; undefined when there is none. */
  zoneOf(subnetId: string): string | undefined;
}

interface Listing {
  Filters?: { Name: string; Values: string[] }[];
  MaxResults?: number;
  NextToken?: string;
}

export function createEc2(world: World): Ec2 {
  const network = createNetwork(world, () => interfaces);
  const interfaces = createInterfaces(world, (id) => network.subnets.all.has(id));
  const { vpcs, subnets, groups } = network;
  return {
    id: 'ec2',
    interfaces,
    zoneOf: (subnetId) => zone(subnets.all.get(subnetId)),
    resources: network.resources,
    operations: {
      DescribeAvailabilityZones: (_input: unknown, call) => ({
        AvailabilityZones: ['a', 'b', 'c'].map((letter, index) => ({
          ZoneName: `${call.region}${letter}`,
          ZoneId: `${call.region}-az${index + 1}`,
          ZoneType: 'availability-zone',
          State: 'available',
          RegionName: call.region,
        })),
      }),
      DescribeVpcs: (input: Listing & { VpcIds?: string[] }, call) =>
        list(input, 'Vpcs', chosen(vpcs, call, input.VpcIds, 'InvalidVpcID.NotFound', 'vpc').map(vpcView)),
      DescribeSubnets: (input: Listing & { SubnetIds?: string[] }, call) =>
        list(
          input,
          'Subnets',
          chosen(subnets, call, input.SubnetIds, 'InvalidSubnetID.NotFound', 'subnet').map(subnetView),
        ),
      DescribeSecurityGroups: (input: Listing & { GroupIds?: string[] }, call) =>
        list(
          input,
          'SecurityGroups',
          chosen(groups, call, input.GroupIds, 'InvalidGroup.NotFound', 'security group').map(groupView),
        ),
      DescribeNetworkInterfaces: (input: Listing & { NetworkInterfaceIds?: string[] }, call) =>
        list(
          input,
          'NetworkInterfaces',
          [...interfaces.all.values()]
            .filter(({ account, region }) => account === call.account && region === call.region)
            .filter(({ id }) => input.NetworkInterfaceIds?.includes(id) ?? true)
            .map((one) => interfaceView(one, subnets)),
        ),
      DescribeNatGateways: (input: Listing & { Filter?: Listing['Filters'] }, call) =>
        list(
          { ...input, ...(input.Filter && { Filters: input.Filter }) },
          'NatGateways',
          network.natGateways.of(call).map(({ id, properties, tags }) => ({
            NatGatewayId: id,
            SubnetId: properties.SubnetId,
            VpcId: subnets.all.get(properties.SubnetId)?.properties.VpcId,
            State: 'available',
            Tags: tagList(tags),
          })),
        ),
      DescribeAddresses: (input: Listing, call) =>
        list(
          input,
          'Addresses',
          network.addresses.of(call).map(({ id, attributes, tags }) => ({
            PublicIp: id,
            AllocationId: attributes.AllocationId,
            Domain: 'vpc',
            Tags: tagList(tags),
          })),
        ),
      DescribeManagedPrefixLists: (input: Listing, call) =>
        list(
          input,
          'PrefixLists',
          [
            ['s3', 'pl-63a5400a'],
            ['global.cloudfront.origin-facing', 'pl-3b927c52'],
          ].map(([name, id]) => ({
            PrefixListId: id,
            PrefixListName: `com.amazonaws.${name === 's3' ? `${call.region}.s3` : name}`,
            State: 'create-complete',
            OwnerId: 'AWS',
          })),
        ),
      async DeleteNetworkInterface({ NetworkInterfaceId }: { NetworkInterfaceId: string }) {
        const one = interfaces.all.get(NetworkInterfaceId);
        if (!one)
          throw new AwsError(
            'InvalidNetworkInterfaceID.NotFound',
            `The networkInterface ID '${NetworkInterfaceId}' does not exist`,
          );
        throw new AwsError(
          'InvalidParameterValue',
          `Network interface '${NetworkInterfaceId}' is currently in use. by ${one.requester}`,
        );
      },
    },
  };
}

const zone = (subnet: Kept | undefined): string | undefined =>
  subnet?.attributes.AvailabilityZone as string | undefined;

function chosen(from: Keeper, call: Call, ids: string[] | undefined, code: string, noun: string): Kept[] {
  const missing = ids?.find((id) => !from.all.has(id));
  if (missing) throw new AwsError(code, `The ${noun} ID '${missing}' does not exist`);
  return from.of(call).filter(({ id }) => ids?.includes(id) ?? true);
}

/** Amazon EC2 API Reference, `Filter`: all filters must fit, one value of each; `*` stands for anything. */
function list(input: Listing, key: string, items: Record<string, unknown>[]): Record<string, unknown> {
  const fits = (item: Record<string, unknown>) =>
    (input.Filters ?? []).every(({ Name, Values }) =>
      filterable(item, Name).some((value) => Values.some((pattern) => glob(pattern).test(value))),
    );
  const start = input.NextToken ? Number(input.NextToken) : 0;
  const found = items.filter(fits);
  const end = input.MaxResults ? start + input.MaxResults : found.length;
  return { [key]: found.slice(start, end), ...(end < found.length && { NextToken: String(end) }) };
}

function filterable(item: Record<string, unknown>, name: string): string[] {
  if (name.startsWith('tag:')) return tagsOf(item).flatMap(({ Key, Value }) => (Key === name.slice(4) ? [Value] : []));
  if (name === 'tag-key') return tagsOf(item).map(({ Key }) => Key);
  if (name === 'group-id' && Array.isArray(item.Groups))
    return item.Groups.map((group: { GroupId: string }) => group.GroupId);
  if (name === 'prefix-list-name') return [String(item.PrefixListName)];
  const key = name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
  if (!(key in item)) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return [String(item[key])];
}

const tagsOf = (item: Record<string, unknown>) => (item.Tags ?? item.TagSet ?? []) as { Key: string; Value: string }[];
const glob = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

const vpcView = ({ id, properties, tags, account }: Kept) => ({
  VpcId: id,
  CidrBlock: properties.CidrBlock,
  State: 'available',
  OwnerId: account,
  IsDefault: false,
  Tags: tagList(tags),
});

const subnetView = (kept: Kept) => ({
  SubnetId: kept.id,
  VpcId: kept.properties.VpcId,
  CidrBlock: kept.properties.CidrBlock,
  AvailabilityZone: zone(kept),
  MapPublicIpOnLaunch: kept.properties.MapPublicIpOnLaunch ?? false,
  AvailableIpAddressCount: 251,
  State: 'available',
  OwnerId: kept.account,
  Tags: tagList(kept.tags),
});

const groupView = ({ id, properties, tags, account }: Kept) => ({
  GroupId: id,
  GroupName: properties.GroupName ?? id,
  Description: properties.GroupDescription,
  VpcId: properties.VpcId,
  OwnerId: account,
  Tags: tagList(tags),
});

const interfaceView = (one: NetworkInterface, subnets: Keeper) => ({
  NetworkInterfaceId: one.id,
  SubnetId: one.subnetId,
  VpcId: subnets.all.get(one.subnetId)?.properties.VpcId,
  AvailabilityZone: zone(subnets.all.get(one.subnetId)),
  Description: one.description,
  Groups: one.securityGroups.map((GroupId) => ({ GroupId })),
  PrivateIpAddress: one.privateIp,
  ...(one.publicIp && { Association: { PublicIp: one.publicIp, IpOwnerId: 'amazon' } }),
  RequesterId: one.requester,
  RequesterManaged: true,
  OwnerId: one.account,
  Status: one.status,
  InterfaceType: 'interface',
  TagSet: [],
});
