import type { Service } from '../../model.ts';

/**
 * What Amazon ECS asks of Elastic Load Balancing, beside the API: the service `elasticloadbalancing` has these methods. They take no
 * virtual time but what they say. ECS asks for the rights of its role itself.
 */
export interface LoadBalancing extends Service {
  /** From then on its health is checked. A target that is there already stays as it is. */
  registerTarget(targetGroupArn: string, target: Target): void;
  /** Resolves when it is drained, which takes the group's deregistration delay. Resolves as well when it is not there. */
  deregisterTarget(targetGroupArn: string, target: Target): Promise<void>;
  /** Undefined: it is not registered. */
  targetHealth(targetGroupArn: string, target: Target): TargetHealth | undefined;
  /** Hears of each change of health from now on. Answers a function that ends it. */
  onTargetHealth(listener: (change: TargetChange) => void): () => void;
  /** The forward action of a listener rule, by the ARN of the group. Undefined: there is no such rule. */
  ruleWeights(ruleArn: string): Record<string, number> | undefined;
  /** Of the rule's forward action; weights from 0 to 999. */
  setRuleWeights(ruleArn: string, weights: Record<string, number>): void;
}

/** A private address of a task, and the port of its container. */
export interface Target {
  id: string;
  port: number;
}

export interface TargetHealth {
  state: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';
  /** As in DescribeTargetHealth: `Target.Timeout`, `Target.ResponseCodeMismatch`. */
  reason?: string;
  /** `Health checks failed with these codes: [503]`. */
  description?: string;
}

export interface TargetChange {
  targetGroupArn: string;
  target: Target;
  health: TargetHealth;
}

/**
 * What leads to the containers of tasks: the service `ecs` has it. Load balancers and API Gateway send requests there, and ask for the
 * health of a target.
 */
export interface TaskNetwork extends Service {
  /** What answers at a private address and port. Undefined: nothing, so that a connection is refused. */
  reach(address: string, port: number): Reach | undefined;
}

export type Reach =
  /** A real process listens, or will: connect and see. */
  | { kind: 'real'; host: string; port: number }
  /** A container of the test's script; `status` is what it answers to a health check now, and `body` to anything. */
  | { kind: 'scripted'; status: number; body: string };

/** What Amazon ECS asks of Cloud Map, beside the API: the service `servicediscovery` has these methods. */
export interface Discovery extends Service {
  /** `attributes`: `AWS_INSTANCE_IPV4`, `AWS_INSTANCE_PORT`, `AWS_INIT_HEALTH_STATUS` and others of ECS. */
  registerInstance(serviceArn: string, instanceId: string, attributes: Record<string, string>): void;
  deregisterInstance(serviceArn: string, instanceId: string): void;
  /** Addresses that a private DNS name of the account leads to; undefined when it is not one of its namespaces' names. */
  resolve(name: string): string[] | undefined;
}

/** What Amazon ECS asks of CloudWatch, beside the API: the service `monitoring` has it. Undefined: there is no such alarm. */
export interface Alarms extends Service {
  alarmState(name: string): 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | undefined;
}
