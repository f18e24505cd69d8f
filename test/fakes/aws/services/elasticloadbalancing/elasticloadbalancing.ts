import type { IncomingMessage } from 'node:http';
import { AwsError, type World } from '../../model.ts';
import type { LoadBalancing, Target, TargetHealth, TaskNetwork } from '../ecs/load-balancing.ts';
import { type Kept, tagList } from '../keeper.ts';
import { type FrontDoor, openDoor, type Way } from './proxy.ts';
import { createBalancing } from './resources.ts';
import { type Action, chosen, fits, weightsOf } from './rules.ts';
import { createTargets } from './target-groups.ts';

interface Attribute {
  Key: string;
  Value: string;
}

/** Elastic Load Balancing, version 2: each listener is a real HTTP server on loopback. Those of HTTPS speak HTTP there. */
export interface ElasticLoadBalancing extends LoadBalancing {
  /** `http://127.0.0.1:PORT` of a listener; undefined when there is none. */
  addressOf(listenerArn: string): string | undefined;
  /** Of the listeners of the load balancer with this DNS name, the one with the highest port: HTTPS before HTTP. */
  addressOfName(dnsName: string): string | undefined;
}

export function createElasticLoadBalancing(world: World): ElasticLoadBalancing {
  const doors = new Map<string, FrontDoor>();
  /** By rule or listener: requests that it decided. */
  const turns = new Map<string, number>();
  const balancing = createBalancing(world, {
    async open(listener) {
      doors.set(
        listener.id,
        await openDoor((asked) => way(listener.id, asked), listener.properties.Protocol ?? 'HTTP'),
      );
    },
    async close(listenerArn) {
      await doors.get(listenerArn)?.close();
      doors.delete(listenerArn);
    },
    drop: (groupArn) => targets.drop(groupArn),
  });
  const { balancers, groups, listeners, rules, certificates } = balancing;
  const decisions = () => [
    ...[...rules.all.values()].map(({ properties }) => properties.Actions as Action[]),
    ...[...listeners.all.values()].map(({ properties }) => properties.DefaultActions as Action[]),
  ];
  const inUse = (groupArn: string) =>
    decisions().some((actions) => actions.some((action) => groupArn in weightsOf(action)));
  const targets = createTargets(world, () => groups, inUse);

  /** "Listener rules": in the order of their priorities, the default last. */
  function way(listenerArn: string, asked: IncomingMessage): Way {
    const listener = listeners.all.get(listenerArn);
    const rule = rulesOf(listenerArn).find(({ properties }) => fits(properties.Conditions ?? [], asked));
    const actions: Action[] = rule?.properties.Actions ?? listener?.properties.DefaultActions ?? [];
    const action = [...actions].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0)).at(-1);
    if (action?.Type !== 'forward') return action ? { kind: 'action', action } : { kind: 'nobody' };
    const decided = rule?.id ?? listenerArn;
    const turn = turns.get(decided) ?? 0;
    turns.set(decided, turn + 1);
    const group = chosen(weightsOf(action), turn);
    const target = group && oneOf(group, turn);
    if (!target) return { kind: 'nobody' };
    return { kind: 'target', reach: world.service<TaskNetwork>('ecs').reach(target.id, target.port) };
  }

  /** "Routing algorithms": round robin. Without a healthy target all are asked, except those that are going ("fail open"). */
  function oneOf(groupArn: string, turn: number): Target | undefined {
    const there = targets.of(groupArn);
    const healthy = there.filter(({ health }) => health.state === 'healthy');
    const failOpen = there.filter(({ health }) => health.state === 'unhealthy');
    const able = healthy.length > 0 ? healthy : failOpen;
    return able[turn % able.length]?.target;
  }

  function rulesOf(listenerArn: string): Kept[] {
    return [...rules.all.values()]
      .filter(({ properties }) => properties.ListenerArn === listenerArn)
      .sort((a, b) => Number(a.properties.Priority) - Number(b.properties.Priority));
  }

  function ruleAt(ruleArn: string): Kept {
    const rule = rules.all.get(ruleArn);
    if (!rule) throw new AwsError('RuleNotFound', `One or more rules not found`);
    return rule;
  }

  const groupAt = (groupArn: string): Kept => {
    const group = groups.all.get(groupArn);
    if (!group) throw new AwsError('TargetGroupNotFound', `One or more target groups not found`);
    return group;
  };

  const portOf = (groupArn: string, { Id, Port }: { Id: string; Port?: number }): Target => ({
    id: Id,
    port: Port ?? groupAt(groupArn).properties.Port,
  });

  const balancersOf = (group: string) =>
    [...listeners.all.values()].filter(({ id, properties }) =>
      [properties.DefaultActions, ...rulesOf(id).map((rule) => rule.properties.Actions)]
        .flat()
        .some((action: Action) => group in weightsOf(action)),
    );

  const groupView = ({ id, properties }: Kept) => ({
    TargetGroupArn: id,
    TargetGroupName: id.split('/')[1],
    Protocol: properties.Protocol ?? 'HTTP',
    Port: properties.Port,
    VpcId: properties.VpcId,
    TargetType: properties.TargetType ?? 'instance',
    HealthCheckEnabled: true,
    HealthCheckPath: properties.HealthCheckPath ?? '/',
    HealthCheckIntervalSeconds: Number(properties.HealthCheckIntervalSeconds ?? 30),
    HealthCheckTimeoutSeconds: Number(properties.HealthCheckTimeoutSeconds ?? 5),
    HealthyThresholdCount: Number(properties.HealthyThresholdCount ?? 5),
    UnhealthyThresholdCount: Number(properties.UnhealthyThresholdCount ?? 2),
    Matcher: properties.Matcher ?? { HttpCode: '200' },
    LoadBalancerArns: [...new Set(balancersOf(id).map((one) => one.properties.LoadBalancerArn))],
  });

  const listenerView = ({ id, properties }: Kept) => ({
    ListenerArn: id,
    LoadBalancerArn: properties.LoadBalancerArn,
    Port: properties.Port,
    Protocol: properties.Protocol,
    Certificates: properties.Certificates,
    SslPolicy: properties.SslPolicy,
    DefaultActions: properties.DefaultActions,
  });

  const ruleView = ({ id, properties }: Kept) => ({
    RuleArn: id,
    Priority: String(properties.Priority),
    Conditions: properties.Conditions ?? [],
    Actions: properties.Actions,
    IsDefault: false,
  });

  const defaultRule = ({ id, properties }: Kept) => ({
    RuleArn: `${id.replace(':listener/', ':listener-rule/')}/default`,
    Priority: 'default',
    Conditions: [],
    Actions: properties.DefaultActions,
    IsDefault: true,
  });

  return {
    id: 'elasticloadbalancing',
    addressOf: (listenerArn) => {
      const door = doors.get(listenerArn);
      return door && `http://127.0.0.1:${door.port}`;
    },
    addressOfName(dnsName) {
      const balancer = [...balancers.all.values()].find((one) => one.attributes.DNSName === dnsName);
      const [best] = [...listeners.all.values()]
        .filter(({ properties }) => properties.LoadBalancerArn === balancer?.id)
        .sort((a, b) => b.properties.Port - a.properties.Port);
      return best && this.addressOf(best.id);
    },
    registerTarget: targets.register,
    deregisterTarget: targets.deregister,
    targetHealth: targets.health,
    onTargetHealth: targets.on,
    ruleWeights(ruleArn) {
      const rule = rules.all.get(ruleArn);
      const forward = rule?.properties.Actions.find(({ Type }: Action) => Type === 'forward');
      return rule && weightsOf(forward);
    },
    setRuleWeights(ruleArn, weights) {
      const { properties } = ruleAt(ruleArn);
      const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
      for (const { TargetGroupArn } of TargetGroups) groupAt(TargetGroupArn);
      properties.Actions = properties.Actions.map(({ TargetGroupArn: _one, ...action }: Action) =>
        action.Type === 'forward' ? { ...action, ForwardConfig: { ...action.ForwardConfig, TargetGroups } } : action,
      );
      turns.delete(ruleArn);
    },
    authorize(operation, input: Record<string, string | string[] | undefined>) {
      const arns = ['RuleArn', 'ListenerArn', 'TargetGroupArn', 'LoadBalancerArn'].flatMap((key) => input[key] ?? []);
      // Service Authorization Reference: what describes takes no resource.
      const resource = operation.startsWith('Describe') ? '*' : (arns[0] ?? '*');
      return [{ action: `elasticloadbalancing:${operation}`, resource }];
    },
    *tagged() {
      for (const { all } of [balancers, groups, listeners, rules])
        for (const { id, tags } of all.values()) yield { arn: id, tags };
    },
    resources: {
      'AWS::ElasticLoadBalancingV2::LoadBalancer': balancers.provider,
      'AWS::ElasticLoadBalancingV2::TargetGroup': groups.provider,
      'AWS::ElasticLoadBalancingV2::Listener': listeners.provider,
      'AWS::ElasticLoadBalancingV2::ListenerRule': rules.provider,
      'AWS::ElasticLoadBalancingV2::ListenerCertificate': certificates.provider,
    },
    operations: {
      DescribeLoadBalancers({ LoadBalancerArns, Names }: { LoadBalancerArns?: string[]; Names?: string[] }, call) {
        const found = balancers
          .of(call)
          .filter(
            ({ id, attributes }) =>
              LoadBalancerArns?.includes(id) ?? Names?.includes(String(attributes.LoadBalancerName)) ?? true,
          );
        if (found.length < (LoadBalancerArns ?? Names ?? []).length)
          throw new AwsError('LoadBalancerNotFound', `Load balancers '[${LoadBalancerArns ?? Names}]' not found`);
        return {
          LoadBalancers: found.map(({ id, attributes, properties }) => ({
            LoadBalancerArn: id,
            LoadBalancerName: attributes.LoadBalancerName,
            DNSName: attributes.DNSName,
            CanonicalHostedZoneId: attributes.CanonicalHostedZoneID,
            Scheme: properties.Scheme ?? 'internet-facing',
            State: { Code: 'active' },
            Type: 'application',
            SecurityGroups: properties.SecurityGroups ?? [],
          })),
        };
      },
      ModifyLoadBalancerAttributes({
        LoadBalancerArn,
        Attributes,
      }: {
        LoadBalancerArn: string;
        Attributes: Attribute[];
      }) {
        const found = balancers.all.get(LoadBalancerArn);
        if (!found) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${LoadBalancerArn}]' not found`);
        const others = (found.properties.LoadBalancerAttributes ?? []).filter(
          ({ Key }: Attribute) => !Attributes.some((one) => one.Key === Key),
        );
        found.properties.LoadBalancerAttributes = [...others, ...Attributes];
        return { Attributes: found.properties.LoadBalancerAttributes };
      },
      DescribeListeners(
        { LoadBalancerArn, ListenerArns }: { LoadBalancerArn?: string; ListenerArns?: string[] },
        call,
      ) {
        const found = listeners
          .of(call)
          .filter(({ id, properties }) => ListenerArns?.includes(id) ?? properties.LoadBalancerArn === LoadBalancerArn);
        if (ListenerArns && found.length < ListenerArns.length)
          throw new AwsError('ListenerNotFound', 'One or more listeners not found');
        return { Listeners: found.map(listenerView) };
      },
      DescribeRules({ ListenerArn, RuleArns }: { ListenerArn?: string; RuleArns?: string[] }) {
        if (RuleArns) return { Rules: RuleArns.map((one) => ruleView(ruleAt(one))) };
        const listener = listeners.all.get(ListenerArn ?? '');
        if (!listener) throw new AwsError('ListenerNotFound', 'One or more listeners not found');
        return { Rules: [...rulesOf(listener.id).map(ruleView), defaultRule(listener)] };
      },
      DescribeTargetGroups(input: { TargetGroupArns?: string[]; Names?: string[]; LoadBalancerArn?: string }, call) {
        const { TargetGroupArns, Names, LoadBalancerArn } = input;
        const views = groups
          .of(call)
          .map(groupView)
          .filter(
            (one) =>
              (TargetGroupArns?.includes(one.TargetGroupArn) ?? true) &&
              (Names?.includes(one.TargetGroupName ?? '') ?? true) &&
              (!LoadBalancerArn || one.LoadBalancerArns.includes(LoadBalancerArn)),
          );
        if (views.length < (TargetGroupArns ?? Names ?? []).length)
          throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
        return { TargetGroups: views };
      },
      DescribeTargetGroupAttributes: ({ TargetGroupArn }: { TargetGroupArn: string }) => ({
        Attributes: groupAt(TargetGroupArn).properties.TargetGroupAttributes ?? [],
      }),
      DescribeTargetHealth({
        TargetGroupArn,
        Targets,
      }: {
        TargetGroupArn: string;
        Targets?: { Id: string; Port?: number }[];
      }) {
        groupAt(TargetGroupArn);
        const asked = Targets?.map((one) => portOf(TargetGroupArn, one)).map((target) => ({
          target,
          health: targets.health(TargetGroupArn, target) ?? notRegistered,
        }));
        return {
          TargetHealthDescriptions: (asked ?? targets.of(TargetGroupArn)).map(({ target, health }) => ({
            Target: { Id: target.id, Port: target.port },
            HealthCheckPort: String(target.port),
            TargetHealth: { State: health.state, Reason: health.reason, Description: health.description },
          })),
        };
      },
      DescribeTags({ ResourceArns }: { ResourceArns: string[] }) {
        const all = [balancers, groups, listeners, rules].flatMap((keep) => [...keep.all.values()]);
        return {
          TagDescriptions: ResourceArns.map((ResourceArn) => ({
            ResourceArn,
            Tags: tagList(all.find(({ id }) => id === ResourceArn)?.tags ?? {}),
          })),
        };
      },
      ModifyRule({ RuleArn, Actions, Conditions }: { RuleArn: string; Actions?: Action[]; Conditions?: unknown[] }) {
        const rule = ruleAt(RuleArn);
        for (const group of (Actions ?? []).flatMap((one) => Object.keys(weightsOf(one)))) groupAt(group);
        Object.assign(rule.properties, { ...(Actions && { Actions }), ...(Conditions && { Conditions }) });
        turns.delete(RuleArn);
        return { Rules: [ruleView(rule)] };
      },
      RegisterTargets({
        TargetGroupArn,
        Targets,
      }: {
        TargetGroupArn: string;
        Targets: { Id: string; Port?: number }[];
      }) {
        groupAt(TargetGroupArn);
        for (const one of Targets) targets.register(TargetGroupArn, portOf(TargetGroupArn, one));
      },
      DeregisterTargets({
        TargetGroupArn,
        Targets,
      }: {
        TargetGroupArn: string;
        Targets: { Id: string; Port?: number }[];
      }) {
        groupAt(TargetGroupArn);
        for (const one of Targets) void targets.deregister(TargetGroupArn, portOf(TargetGroupArn, one));
      },
    },
    async dispose() {
      targets.dispose();
      await Promise.all([...doors.values()].map((door) => door.close()));
    },
  };
}

const notRegistered: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
};
