import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import type { CfnService as CfnDiscoveryService } from 'aws-cdk-lib/aws-servicediscovery';
import type { PlannedProcess } from '../../pipeline/mod.ts';
import { imageKey } from '../../pipeline/processes.ts';
import { mean } from '../draft.ts';
import { processPort } from '../foundation/security-groups.ts';
import { gracePeriod, infraConfig, usedBy, variables, type Wiring } from '../infra-config.ts';
import { ecs, servicediscovery } from '../library.ts';
import { logicalId } from '../names.ts';
import { taskStatements } from '../permissions/task.ts';
import { sizeOf } from '../settings.ts';
import type { BucketFacts } from './bucket.ts';
import { cacheAccess } from './cache.ts';
import type { Container } from './container.ts';
import type { CronQueueFacts } from './cron-job.ts';
import type { DatabaseAccess } from './database.ts';
import type { FrontDoor } from './gateway.ts';
import { healthCheck } from './health-check.ts';
import { role } from './role.ts';
import { scales, scaling } from './scaling.ts';
import { declaredProcess, type Scope } from './scope.ts';
import { type SecretVariable, secretsOf } from './secret.ts';
import type { SubscriptionQueue } from './subscription.ts';
import { taskDefinition } from './task.ts';

/** What processes are made with. */
export interface Surroundings {
  wiring: Wiring;
  internalKey: SecretVariable;
  database: DatabaseAccess | undefined;
  /** What has to end well in each task before its process starts. */
  before: Container[];
  topics: Record<string, string>;
  queues: SubscriptionQueue[];
  cronQueues: Record<string, CronQueueFacts>;
  buckets: Record<string, BucketFacts>;
  front: FrontDoor;
  logGroup: { name: string; arn: string };
}

/** The service of Cloud Map by which others find a process; undefined where none looks for it. */
export function discoveryService(scope: Scope, { name, gateway }: PlannedProcess): CfnDiscoveryService | undefined {
  const { plan, foundation } = scope.input;
  if (gateway || plan.processes.length === 1) return undefined;
  return mean(
    scope,
    new servicediscovery.CfnService(scope.scope, logicalId('Discovery', name), {
      name: scope.name('host', name),
      namespaceId: foundation.namespaceId,
      dnsConfig: { dnsRecords: [{ type: 'A', ttl: 10 }], routingPolicy: 'MULTIVALUE' },
      healthCheckCustomConfig: { failureThreshold: 1 },
    }),
    { subject: `name of ${name}`, ...declaredProcess(scope, name) },
  );
}

/** Where others call a process. */
export function processUrl(scope: Scope, name: string): string {
  return `http://${scope.name('host', name)}.${scope.input.foundation.namespaceName}:${processPort}`;
}

/** Task, roles and service of a process. Answers the service's name. */
export function process(
  scope: Scope,
  planned: PlannedProcess,
  surroundings: Surroundings,
  discovery: CfnDiscoveryService | undefined,
): string {
  const { input, preview } = scope;
  const { name } = planned;
  const { front, logGroup } = surroundings;
  const size = sizeOf(input.settings, name);
  const meaning = { subject: `process ${name}`, ...declaredProcess(scope, name) };
  const own = role(scope, logicalId('TaskRole', name), {
    parts: ['task', name],
    principal: 'ecs-tasks.amazonaws.com',
    statements: permissions(scope, planned, surroundings),
    meaning: { ...meaning, subject: `what ${name} may do` },
  });
  const task = taskDefinition(scope, {
    parts: ['process', name],
    id: (kind) => logicalId(kind, name),
    containers: [...surroundings.before, container(scope, planned, surroundings)],
    cpu: size.cpu,
    memory: size.memory,
    taskRole: own.attrArn,
    prefix: name,
    logGroup,
    meaning,
  });
  const serviceName = scope.name('service', name);
  const canary = planned.gateway ? front.canary : undefined;
  const scaled = scales(scope, size.scaling);
  const service = mean(
    scope,
    new ecs.CfnService(scope.scope, logicalId('Service', name), {
      serviceName,
      cluster: input.foundation.clusterArn,
      taskDefinition: task.ref,
      // What scales sets the number itself, from where it stands.
      ...(!scaled && { desiredCount: size.scaling.min }),
      capacityProviderStrategy: [{ capacityProvider: input.settings.spot ? 'FARGATE_SPOT' : 'FARGATE', weight: 1 }],
      deploymentConfiguration: deployment(scope, canary !== undefined),
      availabilityZoneRebalancing: preview ? 'DISABLED' : 'ENABLED',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: input.foundation.taskSubnets,
          securityGroups: [input.foundation.taskSecurityGroup],
          assignPublicIp: input.foundation.publicIp ? 'ENABLED' : 'DISABLED',
        },
      },
      ...(planned.gateway && {
        healthCheckGracePeriodSeconds: Math.max(60, Math.ceil(input.plan.settings.healthTimeout / 1000)),
        loadBalancers: [
          {
            containerName: containerName(name),
            containerPort: processPort,
            targetGroupArn: front.targetGroup,
            ...(canary && {
              advancedConfiguration: {
                alternateTargetGroupArn: canary.alternateTargetGroup,
                productionListenerRule: canary.productionRule,
                testListenerRule: canary.testRule,
                roleArn: canary.role,
              },
            }),
          },
        ],
      }),
      ...(discovery && { serviceRegistries: [{ registryArn: discovery.attrArn }] }),
      enableEcsManagedTags: true,
      enableExecuteCommand: false,
      propagateTags: 'SERVICE',
    }),
    meaning,
  );
  // A group that no rule leads to takes no targets; a canary names its rules.
  if (planned.gateway && !canary) for (const rule of front.rules) service.addResourceDependency(rule);
  if (scaled) scaling(scope, name, service, size.scaling);
  return serviceName;
}

function container(scope: Scope, planned: PlannedProcess, surroundings: Surroundings): Container {
  const { plan, images } = scope.input;
  const { name } = planned;
  const image = images[name];
  if (image === undefined) throw new Error(`there is no image of the process ${name}`);
  const secrets = secretsOf(scope, name);
  const cache = cacheAccess(scope, name);
  const password = surroundings.database?.roles[name];
  const check = healthCheck(plan, name);
  return {
    name: containerName(name),
    image,
    listens: true,
    environment: { FAIRLEAD_INFRA_CONFIG: infraConfig(plan, planned, surroundings.wiring, secrets, cache) },
    secrets: [
      { ...surroundings.internalKey, name: variables.internalKey },
      ...(password ? [password] : []),
      ...(cache ? [cache.password] : []),
      ...secrets,
    ],
    ...(check && { healthCheck: check }),
    stopTimeout: gracePeriod(plan) + 5,
    ownUser: plan.release.content.unreproducible?.includes(imageKey(plan.settings.processes, name)) ?? false,
  };
}

/** ECS takes letters, digits, `-` and `_`. */
function containerName(process: string): string {
  return process.replace(/[^\w-]/g, '-');
}

/** Exactly the edges of the Graph. */
function permissions({ input: { plan } }: Scope, planned: PlannedProcess, surroundings: Surroundings) {
  const hosted = (service: string) => planned.services.includes(service);
  const cronQueue = surroundings.cronQueues[planned.name];
  return taskStatements({
    topics: plan.topics
      .filter(({ publishers }) => publishers.some(hosted))
      .map(({ name }) => surroundings.topics[name]!),
    queues: surroundings.queues.filter(({ service }) => hosted(service)).map(({ arn }) => arn),
    ...(cronQueue && { cronQueue: cronQueue.arn }),
    buckets: usedBy(plan.buckets, planned).map(({ name }) => {
      const { arn, versioned } = surroundings.buckets[name]!;
      const operations = plan.permissions.flatMap(({ process: who, resource, operations: all }) =>
        who === planned.name && resource.kind === 'bucket' && resource.name === name ? all : [],
      );
      return { name, arn, versioned, operations: [...new Set(operations)].sort() as never };
    }),
  });
}

/**
 * Previews: the old task goes, then the new one comes. Elsewhere the new ones come first, and go again when they do not get healthy.
 * The gateway of production gets a part of the requests first, and waits twice for whoever looks at it.
 */
function deployment({ input, preview }: Scope, canary: boolean): CfnService.DeploymentConfigurationProperty {
  const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  if (preview) return { ...breaker, minimumHealthyPercent: 0, maximumPercent: 100 };
  const rolling = { minimumHealthyPercent: 100, maximumPercent: 200 };
  if (!canary) return { ...breaker, ...rolling };
  const { percent, minutes } = input.settings.canary;
  return {
    ...rolling,
    ...(percent > 0
      ? {
          strategy: 'CANARY',
          canaryConfiguration: { canaryPercent: percent, canaryBakeTimeInMinutes: minutes },
        }
      : { strategy: 'BLUE_GREEN' }),
    bakeTimeInMinutes: 0,
    lifecycleHooks: [
      {
        lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'],
        targetType: 'PAUSE',
        // Whoever should have looked is gone.
        timeoutConfiguration: { timeoutInMinutes: 60, action: 'ROLLBACK' },
      },
    ],
  };
}
