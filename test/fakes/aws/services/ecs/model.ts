import type { Deployment, ServiceDeployment, Service as ServiceView, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type { Containers, Running } from '../../containers/model.ts';
import type { Call, World } from '../../model.ts';
import type { TaskNetwork } from './load-balancing.ts';

export type Where = Pick<Call, 'account' | 'region'>;

/** Amazon ECS, beside its API. */
export interface Ecs extends TaskNetwork {
  /** Everything there is: for tests to look at. */
  readonly state: State;
  /** Fargate takes its capacity back, with the two minutes' warning. */
  interruptSpot(taskArn: string): void;
}

export interface State {
  world: World;
  containers: Containers;
  /** By ARN. */
  clusters: Map<string, Cluster>;
  /** By ARN; stopped ones for an hour. */
  tasks: Map<string, TaskRecord>;
  /** By ARN; those deleted stay INACTIVE. */
  services: Map<string, ServiceRecord>;
  /** By `<account>/<region>/<family>`, revision 1 first. */
  families: Map<string, Definition[]>;
  /** By ARN of what has them. */
  tags: Map<string, Record<string, string>>;
}

export interface Cluster {
  arn: string;
  name: string;
  where: Where;
  status: 'ACTIVE' | 'INACTIVE';
  capacityProviders: string[];
  defaultStrategy: { capacityProvider: string; weight?: number; base?: number }[];
  settings: { name: string; value: string }[];
}

export type Definition = TaskDefinition & { taskDefinitionArn: string; family: string; revision: number };

export interface TaskRecord {
  where: Where;
  definition: Definition;
  view: Task & { taskArn: string; clusterArn: string };
  /** Of its network interface. */
  address?: string;
  /** By container. */
  running: Map<string, Running>;
  /** What a service has it for. */
  deployment?: DeploymentRecord;
  /** Since when the service counts it as well; absent: it does not. */
  well?: number;
  /** Whether it was ever well. */
  wasWell?: boolean;
  /** Target groups it is registered with. */
  targets: { targetGroupArn: string; port: number }[];
  instances: string[];
  stop(reason: string, code: StopCode): void;
  ended: Promise<void>;
}

export type StopCode = NonNullable<Task['stopCode']>;

export interface ServiceRecord {
  arn: string;
  name: string;
  cluster: Cluster;
  where: Where;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  desiredCount: number;
  /** As CreateService and UpdateService gave it. */
  configuration: Configuration;
  /** The one that is wanted first, then those that it replaces. */
  deployments: DeploymentRecord[];
  /** Newest last; of all time. */
  history: ServiceDeploymentRecord[];
  revisions: RevisionRecord[];
  /** What a failed deployment goes back to. */
  lastCompleted?: RevisionRecord;
  /** Newest first; the last hundred. */
  events: { id: string; createdAt: Date; message: string }[];
  createdAt: Date;
  createdBy: string;
  /** Whether it was said that all is as it should be, since it last was not. */
  steady: boolean;
  /** Failed launches in a row, which make the next one wait. */
  impaired: number;
}

export type Configuration = Pick<
  ServiceView,
  | 'taskDefinition'
  | 'loadBalancers'
  | 'serviceRegistries'
  | 'capacityProviderStrategy'
  | 'launchType'
  | 'platformVersion'
  | 'networkConfiguration'
  | 'healthCheckGracePeriodSeconds'
  | 'enableExecuteCommand'
  | 'enableECSManagedTags'
  | 'propagateTags'
  | 'schedulingStrategy'
  | 'deploymentController'
  | 'deploymentConfiguration'
  | 'availabilityZoneRebalancing'
  | 'roleArn'
>;

export interface RevisionRecord {
  arn: string;
  configuration: Configuration;
  definition: Definition;
  createdAt: Date;
}

/** What DescribeServices calls a deployment. */
export interface DeploymentRecord {
  id: string;
  service: ServiceRecord;
  revision: RevisionRecord;
  status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE';
  rolloutState: NonNullable<Deployment['rolloutState']>;
  rolloutStateReason: string;
  /** Of all tasks that did not get well. */
  failedTasks: number;
  /** What the circuit breaker counts. */
  failures: number;
  createdAt: Date;
  updatedAt: Date;
  /** How many tasks it is to have. */
  desired: number;
  tasks: Set<TaskRecord>;
  /** Percent of the traffic, where it is shifted. */
  weights: { test: number; production: number };
  /** By index of the load balancer: the target group that its tasks are registered with. */
  targetGroups: string[];
  serviceDeployment: ServiceDeploymentRecord;
}

export interface ServiceDeploymentRecord {
  view: ServiceDeployment & { serviceDeploymentArn: string; status: NonNullable<ServiceDeployment['status']> };
  target: RevisionRecord;
  sources: RevisionRecord[];
  /** Settled when it is over, however it went. */
  over: Promise<void>;
  finish(): void;
  /** What PAUSE hooks wait for. */
  hooks: Map<string, (action: 'CONTINUE' | 'ROLLBACK') => void>;
  /** Aborted when it is to be stopped or rolled back; the reason is a {@link Halt}. */
  halt: AbortController;
}

export interface Halt {
  reason: string;
  rollback: boolean;
  status?: 'STOPPED';
}
