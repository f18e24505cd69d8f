import type {
  DescribeServicesResponse,
  DescribeTasksResponse,
  ServiceDeployment,
  Service as ServiceView,
  Task,
} from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Script, ScriptOf } from './aws/containers/scripted.ts';
import type { Call, ResourceContext, Service } from './aws/model.ts';
import { createEcs } from './aws/services/ecs/ecs.ts';
import type { LoadBalancing, Target, TargetChange, TargetHealth } from './aws/services/ecs/load-balancing.ts';
import type { Ecs } from './aws/services/ecs/model.ts';
import { AwsWorld } from './aws/world.ts';

const worlds: AwsWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.dispose();
});

const minute = 60_000;
const call: Call = {
  account: '123456789012',
  region: 'eu-central-1',
  principal: { kind: 'root', account: '123456789012' },
  requestId: '1',
};

/** A cluster `main` on a clock that stands still; the script is by the revision of a task definition. */
function make(scriptOf: ScriptOf = () => ({}), services: (ecs: () => Ecs) => Service[] = () => []) {
  const { account, region } = call;
  const world = new AwsWorld({ clock: 'manual', start: 0, seed: 1, account, region, enforceIam: false });
  worlds.push(world);
  for (const one of services(() => ecs)) world.services.set(one.id, one);
  const ecs = createEcs(world, { containers: scriptOf });
  world.services.set('ecs', ecs);
  const run = async <T>(operation: string, input: object) => (await ecs.operations[operation]?.(input, call)) as T;
  ecs.operations.CreateCluster?.({ clusterName: 'main' }, call);
  return {
    world,
    ecs,
    run,
    define: (extra: object = {}, container: object = {}) =>
      run('RegisterTaskDefinition', {
        family: 'web',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        cpu: '256',
        memory: '512',
        containerDefinitions: [{ name: 'app', image: 'app:1', portMappings: [{ containerPort: 8080 }], ...container }],
        ...extra,
      }),
    create: (extra: object = {}) =>
      run('CreateService', { cluster: 'main', serviceName: 'web', taskDefinition: 'web', desiredCount: 2, ...extra }),
    update: (extra: object) => run('UpdateService', { cluster: 'main', service: 'web', ...extra }),
    async service(): Promise<ServiceView> {
      const { services: [found] = [] } = await run<DescribeServicesResponse>('DescribeServices', {
        cluster: 'main',
        services: ['web'],
      });
      if (!found) throw new Error('there is no service');
      return found;
    },
    async deployments(): Promise<ServiceDeployment[]> {
      const list = await run<{ serviceDeployments: { serviceDeploymentArn: string }[] }>('ListServiceDeployments', {
        cluster: 'main',
        service: 'web',
      });
      const { serviceDeployments } = await run<{ serviceDeployments: ServiceDeployment[] }>(
        'DescribeServiceDeployments',
        {
          serviceDeploymentArns: list.serviceDeployments.map(({ serviceDeploymentArn }) => serviceDeploymentArn),
        },
      );
      return serviceDeployments;
    },
    async tasks(desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<Task[]> {
      const { taskArns } = await run<{ taskArns: string[] }>('ListTasks', { cluster: 'main', desiredStatus });
      return (await run<DescribeTasksResponse>('DescribeTasks', { cluster: 'main', tasks: taskArns })).tasks ?? [];
    },
  };
}

/** A load balancer that looks at its targets when somebody asks: the smallest thing that fills the interface. */
function balancer(ecs: () => Ecs): LoadBalancing & { weights: Map<string, Record<string, number>> } {
  const registered = new Map<string, Target>();
  const listeners = new Set<(change: TargetChange) => void>();
  const weights = new Map<string, Record<string, number>>([
    ['production', { blue: 100, green: 0 }],
    ['test', { blue: 100, green: 0 }],
  ]);
  const key = (group: string, { id, port }: Target) => `${group} ${id} ${port}`;
  const health = (group: string, target: Target): TargetHealth | undefined => {
    if (!registered.has(key(group, target))) return undefined;
    const reach = ecs().reach(target.id, target.port);
    return { state: reach?.kind === 'scripted' && reach.status === 200 ? 'healthy' : 'unhealthy' };
  };
  return {
    id: 'elasticloadbalancing',
    operations: {},
    weights,
    registerTarget(targetGroupArn, target) {
      registered.set(key(targetGroupArn, target), target);
      setImmediate(() => {
        const found = health(targetGroupArn, target);
        if (found) for (const listener of listeners) listener({ targetGroupArn, target, health: found });
      });
    },
    async deregisterTarget(group, target) {
      registered.delete(key(group, target));
    },
    targetHealth: health,
    onTargetHealth(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ruleWeights: (rule) => weights.get(rule),
    setRuleWeights: (rule, given) => void weights.set(rule, given),
  };
}

const byRevision =
  (scripts: Record<number, Script>): ScriptOf =>
  ({ task }) =>
    scripts[task.revision] ?? {};
const healthCheck = { command: ['CMD-SHELL', 'true'], interval: 10, retries: 3 };
const circuitBreaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };

describe('a rolling deployment', () => {
  test('replaces tasks between the two limits and ends in a steady state', async () => {
    const { world, run: _, ...fake } = make();
    await fake.define();
    await fake.create();
    await world.clock.advance(5 * minute);
    expect(await fake.service()).toMatchObject({
      runningCount: 2,
      pendingCount: 0,
      deployments: [{ rolloutState: 'COMPLETED' }],
    });

    await fake.define();
    await fake.update({ taskDefinition: 'web' });
    const seen = new Set<number>();
    for (let step = 0; step < 300; step += 1) {
      await world.clock.advance(1000);
      seen.add((await fake.service()).runningCount ?? 0);
    }
    // 100 % to 200 % of two.
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([2, 4]);
    const { deployments, events = [], taskDefinition } = await fake.service();
    expect(deployments).toEqual([
      expect.objectContaining({ status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 2, failedTasks: 0 }),
    ]);
    expect(taskDefinition).toMatch(/web:2$/);
    expect(events[0]?.message).toMatch(/deployment completed|has reached a steady state/);
    expect(
      (await fake.tasks('STOPPED')).map(({ stoppedReason, stopCode }) => [
        stopCode,
        stoppedReason?.replace(/\d{19}/, 'N'),
      ]),
    ).toEqual([
      ['ServiceSchedulerInitiated', 'Scaling activity initiated by (deployment ecs-svc/N)'],
      ['ServiceSchedulerInitiated', 'Scaling activity initiated by (deployment ecs-svc/N)'],
    ]);
    await world.clock.advance(61 * minute);
    expect(await fake.tasks('STOPPED')).toEqual([]);
  });

  test('with 0 and 100 percent takes the old ones down first', async () => {
    const fake = make();
    await fake.define();
    await fake.create({ desiredCount: 1, deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 } });
    await fake.world.clock.advance(5 * minute);
    await fake.define();
    await fake.update({ taskDefinition: 'web' });
    const seen = new Set<number>();
    for (let step = 0; step < 120; step += 1) {
      await fake.world.clock.advance(1000);
      seen.add((await fake.service()).runningCount ?? 0);
    }
    expect([...seen].sort()).toEqual([0, 1]);
    expect((await fake.service()).deployments).toEqual([expect.objectContaining({ rolloutState: 'COMPLETED' })]);
  });

  test('is rolled back by the circuit breaker after three tasks that never get well', async () => {
    const fake = make(byRevision({ 2: { healthyAfter: 'never' } }));
    await fake.define({}, { healthCheck });
    await fake.create({ deploymentConfiguration: circuitBreaker });
    await fake.world.clock.advance(5 * minute);
    await fake.define({}, { healthCheck });
    await fake.update({ taskDefinition: 'web:2' });
    await fake.world.clock.advance(30 * minute);
    const { deployments = [], taskDefinition, runningCount, events = [] } = await fake.service();
    expect(taskDefinition).toMatch(/web:1$/);
    expect(runningCount).toBe(2);
    expect(deployments).toEqual([expect.objectContaining({ rolloutState: 'COMPLETED' })]);
    const [latest] = await fake.deployments();
    expect(latest).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
      deploymentCircuitBreaker: { status: 'TRIGGERED', threshold: 3, failureCount: 3 },
    });
    expect(latest?.rollback?.serviceRevisionArn).toBeDefined();
    expect(events.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/deployment failed: tasks failed to start\./),
    );
    const stopped = (await fake.tasks('STOPPED')).filter(({ taskDefinitionArn }) => taskDefinitionArn?.endsWith(':2'));
    expect(stopped.map(({ stoppedReason }) => stoppedReason)).toContain('Task failed container health checks');
  });

  test('that is the first one stays FAILED, for want of something to go back to', async () => {
    const fake = make(() => ({ exitsAfter: 2000, exitCode: 3, healthyAfter: 'never' }));
    await fake.define({}, { healthCheck });
    await fake.create({ desiredCount: 1, deploymentConfiguration: circuitBreaker });
    await fake.world.clock.advance(30 * minute);
    const { deployments } = await fake.service();
    expect(deployments).toEqual([
      expect.objectContaining({
        rolloutState: 'FAILED',
        rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
        failedTasks: 3,
      }),
    ]);
    expect(await fake.deployments()).toEqual([expect.objectContaining({ status: 'ROLLBACK_FAILED' })]);
    expect(await fake.tasks()).toEqual([]);
    expect((await fake.tasks('STOPPED'))[0]).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3 }],
    });
  });

  test('replaces a task that a load balancer finds ill', async () => {
    const fake = make(byRevision({ 2: { healthyAfter: 'never' } }), (ecs) => [balancer(ecs)]);
    const loadBalancers = [{ containerName: 'app', containerPort: 8080, targetGroupArn: 'blue' }];
    await fake.define();
    await fake.define();
    await fake.create({
      taskDefinition: 'web:2',
      loadBalancers,
      desiredCount: 1,
      deploymentConfiguration: circuitBreaker,
    });
    await fake.world.clock.advance(20 * minute);
    expect((await fake.tasks('STOPPED'))[0]).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed ELB health checks in (target-group blue)',
    });
    expect((await fake.service()).deployments?.[0]?.rolloutState).toBe('FAILED');
  });
});

describe('a canary deployment', () => {
  const canary = {
    strategy: 'CANARY',
    bakeTimeInMinutes: 5,
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 10 },
    lifecycleHooks: [
      {
        targetType: 'PAUSE',
        lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'],
        timeoutConfiguration: { timeoutInMinutes: 60, action: 'ROLLBACK' },
      },
    ],
  };
  const loadBalancers = [
    {
      containerName: 'app',
      containerPort: 8080,
      targetGroupArn: 'blue',
      advancedConfiguration: {
        alternateTargetGroupArn: 'green',
        productionListenerRule: 'production',
        testListenerRule: 'test',
        roleArn: 'arn:aws:iam::123456789012:role/balancer',
      },
    },
  ];

  /** A service with one release, which is in production; the second has begun. */
  async function begun() {
    let rules: ReturnType<typeof balancer> | undefined;
    const fake = make(undefined, (ecs) => {
      rules = balancer(ecs);
      return [rules];
    });
    const answer = async (action?: string) => {
      const [{ serviceDeploymentArn, lifecycleHookDetails = [] } = {}] = await fake.deployments();
      const hook = lifecycleHookDetails.find(({ status }) => status === 'AWAITING_ACTION');
      await fake.run('ContinueServiceDeployment', {
        serviceDeploymentArn,
        hookId: hook?.hookId,
        ...(action && { action }),
      });
      await fake.world.clock.advance(2 * minute);
    };
    await fake.define();
    await fake.create({ loadBalancers, deploymentConfiguration: canary });
    await fake.world.clock.advance(5 * minute);
    await answer();
    await fake.world.clock.advance(10 * minute);
    expect(await fake.deployments()).toEqual([expect.objectContaining({ status: 'SUCCESSFUL' })]);
    await fake.define();
    await fake.update({ taskDefinition: 'web' });
    await fake.world.clock.advance(5 * minute);
    return { ...fake, answer, weights: () => Object.fromEntries(rules?.weights ?? []) };
  }

  test('pauses before each step and goes on when it is told to', async () => {
    const fake = await begun();
    const [waiting] = await fake.deployments();
    expect(waiting).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'PRE_PRODUCTION_TRAFFIC_SHIFT',
      lifecycleHookDetails: [{ targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' }],
    });
    expect(fake.weights()).toEqual({ production: { blue: 100, green: 0 }, test: { blue: 0, green: 100 } });

    await fake.answer();
    expect(fake.weights().production).toEqual({ blue: 90, green: 10 });
    await fake.world.clock.advance(10 * minute);
    const [second] = await fake.deployments();
    expect(second?.lifecycleHookDetails?.map(({ status }) => status)).toEqual(['SUCCEEDED', 'AWAITING_ACTION']);

    await fake.answer('CONTINUE');
    expect(fake.weights().production).toEqual({ blue: 0, green: 100 });
    expect((await fake.deployments())[0]?.lifecycleStage).toBe('BAKE_TIME');
    await fake.world.clock.advance(10 * minute);
    expect((await fake.deployments())[0]).toMatchObject({ status: 'SUCCESSFUL', lifecycleStage: 'CLEAN_UP' });
    expect(await fake.service()).toMatchObject({ runningCount: 2, deployments: [{ rolloutState: 'COMPLETED' }] });
  });

  test('goes back when it is refused', async () => {
    const fake = await begun();
    await fake.answer();
    await fake.world.clock.advance(10 * minute);
    await fake.answer('ROLLBACK');
    await fake.world.clock.advance(5 * minute);
    expect(fake.weights().production).toEqual({ blue: 100, green: 0 });
    expect((await fake.deployments())[0]).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL' });
    const { taskDefinition, runningCount, deployments } = await fake.service();
    expect(taskDefinition).toMatch(/web:1$/);
    expect([runningCount, deployments?.length]).toEqual([2, 1]);
  });

  test('does what its hook says when nobody answers', async () => {
    const fake = await begun();
    await fake.world.clock.advance(70 * minute);
    const [latest] = await fake.deployments();
    expect(latest).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', lifecycleHookDetails: [{ status: 'TIMED_OUT' }] });
  });

  test('refuses an answer to a hook that does not wait', async () => {
    const fake = await begun();
    const [{ serviceDeploymentArn } = {}] = await fake.deployments();
    await expect(
      fake.run('ContinueServiceDeployment', { serviceDeploymentArn, hookId: 'ecs-pause-x' }),
    ).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
  });
});

describe('a task', () => {
  const network = { networkConfiguration: { awsvpcConfiguration: { subnets: [] } } };

  test('runs its containers in their order, and ends with the essential one', async () => {
    const order: string[] = [];
    const fake = make(({ name }) => {
      order.push(name);
      return name === 'app' ? { exitsAfter: 5000 } : { exitsAfter: 1000 };
    });
    const base = { image: 'app:1', essential: false };
    await fake.define({
      containerDefinitions: [
        { name: 'app', image: 'app:1', dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] },
        { ...base, name: 'migrate', dependsOn: [{ containerName: 'provision', condition: 'SUCCESS' }] },
        { ...base, name: 'provision' },
      ],
    });
    await fake.run('RunTask', { cluster: 'main', taskDefinition: 'web', ...network });
    await fake.world.clock.advance(2 * minute);
    expect(order).toEqual(['provision', 'migrate', 'app']);
    expect((await fake.tasks('STOPPED'))[0]).toMatchObject({
      lastStatus: 'STOPPED',
      stoppedReason: 'Essential container in task exited',
    });
  });

  test('does not start when what it waits for fails', async () => {
    const fake = make(({ name }) => (name === 'migrate' ? { exitsAfter: 1000, exitCode: 1 } : {}));
    await fake.define({
      containerDefinitions: [
        { name: 'app', image: 'app:1', dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] },
        { name: 'migrate', image: 'app:1', essential: false },
      ],
    });
    await fake.run('RunTask', { cluster: 'main', taskDefinition: 'web', ...network });
    await fake.world.clock.advance(2 * minute);
    expect((await fake.tasks('STOPPED'))[0]).toMatchObject({
      stopCode: 'TaskFailedToStart',
      containers: [{ name: 'app' }, { name: 'migrate', exitCode: 1 }],
    });
  });

  test.each<[string, Script, object]>([
    [
      'an image that is not there',
      { pullError: 'CannotPullContainerError: pull image manifest has been retried 5 time(s): x: not found' },
      { stopCode: 'TaskFailedToStart', stoppedReason: expect.stringMatching(/^CannotPullContainerError/) },
    ],
    [
      'too little memory',
      { outOfMemory: true, exitsAfter: 1000 },
      {
        stopCode: 'EssentialContainerExited',
        containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
      },
    ],
  ])('stops for %s', async (_name, script, expected) => {
    const fake = make(() => script);
    await fake.define();
    await fake.run('RunTask', { cluster: 'main', taskDefinition: 'web', ...network });
    await fake.world.clock.advance(2 * minute);
    expect((await fake.tasks('STOPPED'))[0]).toMatchObject(expected);
  });

  test('stops for a secret that cannot be had, and for Spot, and for its user', async () => {
    const fake = make();
    await fake.define(
      { executionRoleArn: 'arn:aws:iam::123456789012:role/exec' },
      {
        secrets: [
          {
            name: 'PASSWORD',
            valueFrom: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:x-AbCdEf:password::',
          },
        ],
      },
    );
    await fake.run('RunTask', { cluster: 'main', taskDefinition: 'web', ...network });
    await fake.define();
    await fake.run('RunTask', { cluster: 'main', taskDefinition: 'web:2', count: 2, ...network });
    await fake.world.clock.advance(2 * minute);
    const [first, second] = await fake.tasks();
    fake.ecs.interruptSpot(first?.taskArn ?? '');
    await fake.run('StopTask', { cluster: 'main', task: second?.taskArn, reason: 'enough' });
    await fake.world.clock.advance(5 * minute);
    expect(
      (await fake.tasks('STOPPED')).map(({ stopCode, stoppedReason }) => [stopCode, stoppedReason?.slice(0, 78)]),
    ).toEqual([
      ['TaskFailedToStart', 'ResourceInitializationError: unable to pull secrets or registry auth: executio'],
      ['SpotInterruption', 'Your Spot Task was interrupted.'],
      ['UserInitiated', 'enough'],
    ]);
  });
});

describe('a task definition', () => {
  test.each<[string, object, RegExp]>([
    ['a size that Fargate does not have', { cpu: '256', memory: '4096' }, /No Fargate configuration exists/],
    ['a CPU that Fargate does not have', { cpu: '300' }, /Invalid 'cpu' setting/],
    [
      'names that come twice',
      {
        containerDefinitions: [
          { name: 'a', image: 'x' },
          { name: 'a', image: 'x' },
        ],
      },
      /unique/,
    ],
    [
      'a circle',
      { containerDefinitions: [{ name: 'a', image: 'x', dependsOn: [{ containerName: 'a', condition: 'START' }] }] },
      /Cycle/,
    ],
    [
      'secrets without an execution role',
      { containerDefinitions: [{ name: 'a', image: 'x', secrets: [{ name: 'S', valueFrom: 'p' }] }] },
      /executionRoleArn/,
    ],
    [
      'more than 64 KiB',
      { containerDefinitions: [{ name: 'a', image: 'x', environment: [{ name: 'E', value: 'x'.repeat(65_536) }] }] },
      /65536/,
    ],
  ])('is refused for %s', async (_name, extra, words) => {
    await expect(make().define(extra)).rejects.toThrow(words);
  });

  test('counts its revisions, and is found by family until it is deregistered', async () => {
    const fake = make();
    await fake.define();
    await fake.define();
    await fake.run('DeregisterTaskDefinition', { taskDefinition: 'web:2' });
    expect(await fake.run('DescribeTaskDefinition', { taskDefinition: 'web' })).toMatchObject({
      taskDefinition: { revision: 1 },
    });
    expect(await fake.run('ListTaskDefinitions', { familyPrefix: 'web' })).toEqual({
      taskDefinitionArns: [expect.stringMatching(/web:1$/)],
    });
    await fake.run('DeleteTaskDefinitions', { taskDefinitions: ['web:2'] });
    await expect(fake.run('DescribeTaskDefinition', { taskDefinition: 'web:2' })).rejects.toThrow(
      'Unable to describe task definition.',
    );
  });
});

describe('CloudFormation', () => {
  const context = (): ResourceContext => ({
    ...call,
    stack: { id: 'arn:stack', name: 'shop' },
    logicalId: 'Web',
    tags: { 'fairlead:app': 'shop' },
    express: false,
    signal: new AbortController().signal,
    initiated: () => undefined,
    snapshot: false,
  });
  const properties = (revision: number) => ({
    ServiceName: 'web',
    Cluster: 'main',
    TaskDefinition: `web:${revision}`,
    DesiredCount: 1,
    LaunchType: 'FARGATE',
    DeploymentConfiguration: {
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    },
  });

  test('waits for a service, and fails in the words of AWS when the circuit breaker was triggered', async () => {
    const fake = make(byRevision({ 2: { exitsAfter: 0, exitCode: 1, healthyAfter: 'never' } }));
    const provider = fake.ecs.resources?.['AWS::ECS::Service'];
    await fake.define({}, { healthCheck });
    await fake.define({}, { healthCheck });
    const created = provider?.create(properties(1), context());
    await fake.world.clock.advance(10 * minute);
    const { id = '' } = (await created) ?? {};
    const updated = provider?.update(id, properties(2), properties(1), context());
    const outcome = expect(updated).rejects.toThrow(
      "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.",
    );
    await fake.world.clock.advance(60 * minute);
    await outcome;
    expect(await provider?.read(id, context())).toMatchObject({
      DesiredCount: 1,
      TaskDefinition: expect.stringMatching(/web:1$/),
    });
    const gone = provider?.delete(id, properties(1), context());
    await fake.world.clock.advance(5 * minute);
    await gone;
    expect(await provider?.read(id, context())).toBeUndefined();
  });
});
