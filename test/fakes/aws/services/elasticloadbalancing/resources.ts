import {
  AwsError,
  type Properties,
  type ResourceContext,
  type ResourceProvider,
  type Wish,
  type World,
} from '../../model.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import { arn, generatedName, type Keeper, type Kept, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { type Action, weightsOf } from './rules.ts';

export interface Balancing {
  balancers: Keeper;
  groups: Keeper;
  listeners: Keeper;
  rules: Keeper;
  certificates: Keeper;
}

export interface Doors {
  open(listener: Kept): Promise<void>;
  close(listenerArn: string): Promise<void>;
  /** The targets of a group go with it. */
  drop(groupArn: string): void;
}

/** Elastic Load Balancing API Reference: what a name may be, and what is in use by what. */
export function createBalancing(world: World, doors: Doors): Balancing {
  const hex = () => world.random.text(16, '0123456789abcdef');
  /** By ARN of the load balancer. */
  const interfaces = new Map<string, string[]>();
  const ec2 = () => world.service<Ec2>('ec2');

  const balancers: Keeper = keeper({
    id: (properties, context) =>
      arn('elasticloadbalancing', context, `loadbalancer/${short(properties)}/${nameOf(properties, context)}/${hex()}`),
    check(properties, context, id) {
      const name = properties.Name;
      if (name && /^internal-|^-|-$/.test(name))
        throw invalid(`Load balancer name '${name}' cannot begin or end with '-' or begin with 'internal-'`);
      if (name) unique(balancers, name, context, id, 'DuplicateLoadBalancerName', 'A load balancer with the same name');
      const subnets: string[] =
        properties.Subnets ?? properties.SubnetMappings?.map((one: { SubnetId: string }) => one.SubnetId) ?? [];
      const zones = subnets.map((one) => ec2().zoneOf(one));
      const missing = subnets[zones.indexOf(undefined)];
      if (missing) throw new AwsError('SubnetNotFound', `The subnet ID '${missing}' does not exist`);
      if (short(properties) === 'app' && new Set(zones).size < 2)
        throw new AwsError(
          'ValidationError',
          'At least two subnets in two different Availability Zones must be specified',
        );
    },
    attributes({ id, properties }, context) {
      const name = id.split('/')[2] ?? '';
      const internal = properties.Scheme === 'internal' ? 'internal-' : '';
      return {
        LoadBalancerArn: id,
        LoadBalancerName: name,
        LoadBalancerFullName: id.split('loadbalancer/')[1],
        DNSName:
          `${internal}${name}-${Number.parseInt(id.slice(-7), 16)}.${context.region}.elb.amazonaws.com`.toLowerCase(),
        CanonicalHostedZoneID: 'Z215JYRZR1TBD5',
        SecurityGroups: properties.SecurityGroups ?? [],
      };
    },
    made({ id, properties }, context) {
      const description = `ELB ${id.split('loadbalancer/')[1]}`;
      const plugged = (properties.Subnets ?? []).map((subnetId: string) =>
        ec2().interfaces.plug(context, {
          subnetId,
          securityGroups: properties.SecurityGroups ?? [],
          description,
          requester: 'amazon-elb',
          publicIp: properties.Scheme !== 'internal',
        }),
      );
      interfaces.set(
        id,
        plugged.map((one: { id: string }) => one.id),
      );
    },
    async remove({ id, properties }) {
      const protection = attribute(properties.LoadBalancerAttributes, 'deletion_protection.enabled');
      if (protection === 'true')
        throw new AwsError(
          'OperationNotPermitted',
          `Load balancer '${id}' cannot be deleted because deletion protection is enabled`,
        );
      for (const listener of [...listeners.all.values()].filter((one) => one.properties.LoadBalancerArn === id)) {
        await doors.close(listener.id);
        listeners.all.delete(listener.id);
      }
      // "Requester-managed network interfaces": they go some time after the load balancer, and nobody waits for them.
      for (const one of interfaces.get(id) ?? []) void ec2().interfaces.unplug(one);
      interfaces.delete(id);
    },
    latency: latencies.loadBalancer,
    wishes: wishes(
      'LoadBalancer',
      ['ModifyLoadBalancerAttributes', 'DescribeLoadBalancers'],
      ['SetSubnets', 'SetSecurityGroups', 'ModifyLoadBalancerAttributes'],
    ),
  });

  const groups: Keeper = keeper({
    id: (properties, context) =>
      arn('elasticloadbalancing', context, `targetgroup/${nameOf(properties, context)}/${hex()}`),
    check(properties, context, id) {
      const {
        Name,
        HealthCheckIntervalSeconds: interval = 30,
        HealthCheckTimeoutSeconds: timeout = 5,
        HealthyThresholdCount: healthy = 5,
      } = properties;
      if (Name && !/^(?!-)[a-zA-Z0-9-]{1,32}(?<!-)$/.test(Name))
        throw invalid(
          Name.length > 32
            ? `Target group name '${Name}' cannot be longer than '32' characters`
            : `Target group name '${Name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
        );
      if (Name) unique(groups, Name, context, id, 'DuplicateTargetGroupName', 'A target group with the same name');
      if (Number(interval) < 5 || Number(interval) > 300)
        throw invalid(`Health check interval '${interval}' must be between 5 and 300 seconds`);
      if (Number(timeout) >= Number(interval))
        throw invalid(`Health check timeout '${timeout}' must be smaller than the interval '${interval}'`);
      if (Number(healthy) < 2 || Number(healthy) > 10)
        throw invalid(`Healthy threshold count '${healthy}' must be between 2 and 10`);
    },
    attributes: ({ id }) => ({
      TargetGroupArn: id,
      TargetGroupName: id.split('/')[1],
      TargetGroupFullName: id.split(':').at(-1),
      LoadBalancerArns: balancersOf(id),
    }),
    remove({ id }) {
      if (used(id))
        throw new AwsError('ResourceInUse', `Target group '${id}' is currently in use by a listener or a rule`);
      doors.drop(id);
    },
    latency: latencies.targets,
    wishes: wishes(
      'TargetGroup',
      ['ModifyTargetGroupAttributes', 'DescribeTargetGroups'],
      ['ModifyTargetGroup', 'ModifyTargetGroupAttributes'],
    ),
  });

  const listeners: Keeper = keeper({
    id: ({ LoadBalancerArn }) => `${String(LoadBalancerArn).replace(':loadbalancer/', ':listener/')}/${hex()}`,
    check({ LoadBalancerArn, Port, Protocol, Certificates, DefaultActions }, _context, id) {
      if (!balancers.all.has(LoadBalancerArn))
        throw new AwsError('LoadBalancerNotFound', `One or more load balancers not found`);
      const taken = [...listeners.all.values()].some(
        (one) => one.id !== id && one.properties.LoadBalancerArn === LoadBalancerArn && one.properties.Port === Port,
      );
      if (taken)
        throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer');
      if (Protocol === 'HTTPS' && !Certificates?.length)
        throw new AwsError('ValidationError', 'A certificate must be specified for HTTPS listeners');
      present(DefaultActions);
    },
    attributes: ({ id }) => ({ ListenerArn: id }),
    made: (listener) => doors.open(listener),
    async remove({ id }) {
      await doors.close(id);
      for (const one of [...rules.all.values()]) if (one.properties.ListenerArn === id) rules.all.delete(one.id);
    },
    latency: latencies.targets,
    wishes: wishes('Listener', ['DescribeListeners'], ['ModifyListener']),
  });

  const rules: Keeper = keeper({
    id: ({ ListenerArn }) => `${String(ListenerArn).replace(':listener/', ':listener-rule/')}/${hex()}`,
    check({ ListenerArn, Priority, Actions, Conditions }, _context, id) {
      const listener = listeners.all.get(ListenerArn);
      if (!listener) throw new AwsError('ListenerNotFound', `One or more listeners not found`);
      const others = [...rules.all.values()].filter(
        (one) => one.id !== id && one.properties.ListenerArn === ListenerArn,
      );
      if (!(Number(Priority) >= 1 && Number(Priority) <= 50_000))
        throw invalid(`Priority '${Priority}' must be between 1 and 50000`);
      if (others.some((one) => Number(one.properties.Priority) === Number(Priority)))
        throw new AwsError('PriorityInUse', `Priority '${Priority}' is currently in use`);
      // "Quotas for your Application Load Balancers": 100 rules, 5 values of conditions each.
      if (!id && others.length >= 100)
        throw new AwsError('TooManyRules', `The maximum number of rules on listener '${ListenerArn}' has been reached`);
      const values = (Conditions ?? []).flatMap((one: Properties) =>
        Object.values(one).flatMap((config) => config?.Values ?? (Array.isArray(config) ? config : [])),
      );
      if (values.length > 5) throw new AwsError('TooManyConditionValues', "A rule can only have '5' condition values");
      present(Actions);
    },
    attributes: ({ id }) => ({ RuleArn: id, IsDefault: false }),
    latency: latencies.small,
    wishes: wishes('Rule', ['DescribeRules'], ['ModifyRule', 'SetRulePriorities']),
  });

  const certificates = keeper({
    id: ({ ListenerArn }) => `${ListenerArn}/certificates/${hex()}`,
    check({ ListenerArn }) {
      if (!listeners.all.has(ListenerArn)) throw new AwsError('ListenerNotFound', `One or more listeners not found`);
    },
    latency: latencies.small,
    wishes: wishes('Listener', ['AddListenerCertificates'], ['AddListenerCertificates', 'RemoveListenerCertificates']),
  });

  function nameOf({ Name }: Properties, context: ResourceContext): string {
    return Name ?? generatedName(context, world.random, 32);
  }

  function allActions(): { listener: string; actions: Action[] }[] {
    return [
      ...[...listeners.all.values()].map(({ id, properties }) => ({
        listener: id,
        actions: properties.DefaultActions,
      })),
      ...[...rules.all.values()].map(({ properties }) => ({
        listener: properties.ListenerArn,
        actions: properties.Actions,
      })),
    ];
  }

  function used(group: string): boolean {
    return allActions().some(({ actions: some }) => some.some((one) => group in weightsOf(one)));
  }

  function balancersOf(group: string): string[] {
    const found = allActions().filter(({ actions: some }) => some.some((one) => group in weightsOf(one)));
    return [...new Set(found.map(({ listener }) => String(listeners.all.get(listener)?.properties.LoadBalancerArn)))];
  }

  function present(some: Action[] = []): void {
    for (const group of some.flatMap((one) => Object.keys(weightsOf(one))))
      if (!groups.all.has(group)) throw new AwsError('TargetGroupNotFound', `Target groups '${group}' not found`);
  }

  return { balancers, groups, listeners, rules, certificates };
}

const invalid = (message: string) => new AwsError('ValidationError', message);

const short = ({ Type }: Properties) => (Type === 'network' ? 'net' : 'app');

function unique(
  among: Keeper,
  name: string,
  context: ResourceContext,
  id: string | undefined,
  code: string,
  what: string,
): void {
  const same = among.of(context).some((one) => one.id !== id && one.properties.Name === name);
  if (same) throw new AwsError(code, `${what} '${name}' exists, but with different settings`);
}

export function attribute(attributes: { Key: string; Value: string }[] | undefined, name: string): string | undefined {
  return attributes?.find(({ Key }) => Key === name)?.Value;
}

function wishes(noun: keyof typeof places, made: string[], changed: string[]): NonNullable<ResourceProvider['wishes']> {
  const describing = made.filter((name) => name.startsWith('Describe'));
  const table = {
    create: [`Create${noun}`, ...made, 'AddTags'],
    update: [...changed, 'AddTags', ...describing],
    delete: [`Delete${noun}`, ...describing],
  };
  return (verb, properties, context, id) =>
    table[verb].map((name): Wish => {
      const { within, own } = places[noun](properties, context);
      const resource = name.startsWith('Describe') ? '*' : name === `Create${noun}` ? within : (id ?? own);
      return { action: `elasticloadbalancing:${name}`, resource };
    });
}

/** Service Authorization Reference: what something is made in, and what it will be called, as far as that is known before. */
const places = {
  LoadBalancer: (properties: Properties, context: ResourceContext) => {
    const own = arn('elasticloadbalancing', context, `loadbalancer/app/${properties.Name ?? '*'}/*`);
    return { within: own, own };
  },
  TargetGroup: (properties: Properties, context: ResourceContext) => {
    const own = arn('elasticloadbalancing', context, `targetgroup/${properties.Name ?? '*'}/*`);
    return { within: own, own };
  },
  // A certificate is the listener's.
  Listener: ({ LoadBalancerArn, ListenerArn }: Properties) => ({
    within: LoadBalancerArn ?? ListenerArn,
    own: ListenerArn ?? `${String(LoadBalancerArn).replace(':loadbalancer/', ':listener/')}/*`,
  }),
  Rule: ({ ListenerArn }: Properties) => ({
    within: ListenerArn,
    own: `${String(ListenerArn).replace(':listener/', ':listener-rule/')}/*`,
  }),
};
