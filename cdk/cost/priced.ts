import type { Template, TemplateResource } from '../model.ts';
import {
  cacheNodes,
  databaseServers,
  hoursPerMonth,
  monthlyEach,
  type Prices,
  spotShare,
  valkeyShare,
} from './prices.ts';

/** So many of one thing. */
export interface Priced {
  what: string;
  count: number;
  /** US dollars a month for one; undefined when the price is not known. */
  each: number | undefined;
}

interface Context {
  template: Template;
  prices: Prices;
  /** How many tasks really run, by the logical id of their service. */
  tasks: Record<string, number>;
}

type Properties = NonNullable<TemplateResource['Properties']>;

/** Everything in a template that costs something while nobody uses it, in its order. */
export function priced(template: Template, prices: Prices, tasks: Record<string, number>): Priced[] {
  return Object.entries(template.Resources).flatMap(
    ([id, { Type, Properties = {} }]) => byType[Type]?.(Properties, { template, prices, tasks }, id) ?? [],
  );
}

/** Types that are not here cost nothing, or by use. */
const byType: Record<string, (properties: Properties, context: Context, id: string) => Priced[]> = {
  'AWS::ECS::Service': service,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ Scheme, Subnets }, { prices }) => [
    hourly('load balancer', prices.loadBalancerHour),
    ...(Scheme === 'internal' || !Array.isArray(Subnets) ? [] : [address(prices, Subnets.length)]),
  ],
  'AWS::EC2::NatGateway': (_, { prices }) => [hourly('NAT gateway', prices.natGatewayHour)],
  'AWS::EC2::EIP': (_, { prices }) => [address(prices, 1)],
  'AWS::RDS::DBInstance': database,
  'AWS::ElastiCache::ReplicationGroup': cache,
  'AWS::SecretsManager::Secret': () => [{ what: 'secret', count: 1, each: monthlyEach.secret }],
  'AWS::CloudWatch::Alarm': () => [{ what: 'alarm', count: 1, each: monthlyEach.alarm }],
  'AWS::ServiceDiscovery::PrivateDnsNamespace': () => [
    { what: 'private DNS zone', count: 1, each: monthlyEach.hostedZone },
  ],
};

function service(properties: Properties, context: Context, id: string): Priced[] {
  const { template, prices, tasks } = context;
  const definition = template.Resources[referred(properties.TaskDefinition) ?? '']?.Properties ?? {};
  const count = tasks[id] ?? scaledTo(template, id, properties) ?? Number(properties.DesiredCount ?? 1);
  if (count === 0) return [];
  const [vcpu, gigabytes] = [Number(definition.Cpu) / 1024, Number(definition.Memory) / 1024];
  const { CpuArchitecture } = (definition.RuntimePlatform ?? {}) as { CpuArchitecture?: 'X86_64' | 'ARM64' };
  const rate = prices.fargate[CpuArchitecture ?? 'X86_64'];
  const spot = spotPart(properties.CapacityProviderStrategy);
  const hour = (vcpu * rate.vcpu + gigabytes * rate.gigabyte) * (1 - spot + spot * spotShare);
  const what = `task of ${vcpu} vCPU and ${gigabytes} GiB${spot > 0 ? ' on spare capacity' : ''}`;
  return [{ ...hourly(what, hour), count }, ...(hasAddress(properties) ? [address(prices, count)] : [])];
}

/** The least that scaling leaves, which is what runs while nobody asks for anything. */
function scaledTo(template: Template, id: string, { ServiceName }: Properties): number | undefined {
  const target = Object.values(template.Resources).find(({ Type, Properties: { ResourceId } = {} }) => {
    if (Type !== 'AWS::ApplicationAutoScaling::ScalableTarget') return false;
    const text = JSON.stringify(ResourceId) ?? '';
    return text.includes(`"${id}"`) || (typeof ServiceName === 'string' && text.includes(`/${ServiceName}"`));
  });
  return target && Number(target.Properties?.MinCapacity);
}

/** From 0 to 1: what of the tasks runs on spare capacity, by the weights of the strategy. */
function spotPart(strategy: unknown): number {
  const entries = Array.isArray(strategy) ? (strategy as { CapacityProvider: string; Weight?: number }[]) : [];
  const weight = (some: typeof entries) => some.reduce((total, { Weight = 1 }) => total + Weight, 0);
  const all = weight(entries);
  return all === 0 ? 0 : weight(entries.filter(({ CapacityProvider }) => CapacityProvider === 'FARGATE_SPOT')) / all;
}

function hasAddress({ NetworkConfiguration }: Properties): boolean {
  const network = NetworkConfiguration as { AwsvpcConfiguration?: { AssignPublicIp?: string } } | undefined;
  return network?.AwsvpcConfiguration?.AssignPublicIp === 'ENABLED';
}

function database({ DBInstanceClass, MultiAZ, AllocatedStorage }: Properties, { prices }: Context): Priced[] {
  const servers = isTrue(MultiAZ) ? 2 : 1;
  const hour = databaseServers[String(DBInstanceClass)];
  return [
    {
      ...hourly(`database server ${DBInstanceClass}`, hour === undefined ? undefined : hour * prices.serverFactor),
      count: servers,
    },
    { what: 'GiB of database storage', count: Number(AllocatedStorage) * servers, each: prices.databaseStorage },
  ];
}

function cache(properties: Properties, { prices }: Context): Priced[] {
  const { CacheNodeType, Engine, NumCacheClusters, NumNodeGroups = 1, ReplicasPerNodeGroup = 0 } = properties;
  const hour = cacheNodes[String(CacheNodeType)];
  const share = Engine === 'valkey' ? valkeyShare : 1;
  return [
    {
      ...hourly(`cache node ${CacheNodeType}`, hour === undefined ? undefined : hour * share * prices.serverFactor),
      count: Number(NumCacheClusters ?? Number(NumNodeGroups) * (1 + Number(ReplicasPerNodeGroup))),
    },
  ];
}

function hourly(what: string, hour: number | undefined): Priced {
  return { what, count: 1, each: hour === undefined ? undefined : hour * hoursPerMonth };
}

function address({ publicAddressHour }: Prices, count: number): Priced {
  return { ...hourly('public IPv4 address', publicAddressHour), count };
}

/** CloudFormation takes booleans as text, too. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** The logical id that a value refers to. */
function referred(value: unknown): string | undefined {
  return (value as { Ref?: string } | undefined)?.Ref;
}
