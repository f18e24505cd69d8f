import type { Containers } from '../../containers/model.ts';
import { createRealContainers } from '../../containers/real.ts';
import { createScriptedContainers, type ScriptOf } from '../../containers/scripted.ts';
import type { World } from '../../model.ts';
import { ecsWishes } from './authorize.ts';
import { clusterOperations } from './clusters.ts';
import { createDeployments } from './deployments.ts';
import type { Ecs, State } from './model.ts';
import { ecsResources } from './resources.ts';
import { createScheduler } from './scheduler.ts';
import { serviceDeploymentOperations } from './service-deployments.ts';
import { createServices } from './services.ts';
import { tagOperations } from './tags.ts';
import { taskDefinitionOperations } from './task-definitions.ts';
import { taskOperations } from './tasks.ts';
import { timing } from './timing.ts';

export interface EcsOptions {
  /** Real processes, or what a function says of each container. @default 'scripted': they run on and are healthy */
  containers?: 'real' | 'scripted' | ScriptOf;
}

/** Amazon ECS on Fargate: clusters, task definitions, tasks, services and their deployments. */
export function createEcs(world: World, options: EcsOptions = {}): Ecs {
  const containers = containersOf(world, options);
  const state: State = {
    world,
    containers,
    clusters: new Map(),
    tasks: new Map(),
    services: new Map(),
    families: new Map(),
    tags: new Map(),
  };
  const scheduler = createScheduler(state);
  const deployments = createDeployments(state, scheduler);
  const services = createServices(state, scheduler, deployments);
  return {
    id: 'ecs',
    state,
    operations: {
      ...clusterOperations(state),
      ...taskDefinitionOperations(state),
      ...taskOperations(state),
      ...services.operations,
      ...serviceDeploymentOperations(state, deployments),
      ...tagOperations(state),
    },
    resources: ecsResources(state, scheduler, services),
    authorize: ecsWishes as NonNullable<Ecs['authorize']>,
    *tagged() {
      for (const [arn, tags] of state.tags) if (isThere(state, arn)) yield { arn, tags };
    },
    reach(address, port) {
      for (const task of state.tasks.values()) {
        if (task.address !== address) continue;
        for (const [name, one] of task.running) {
          const { portMappings = [] } =
            task.definition.containerDefinitions?.find((other) => other.name === name) ?? {};
          if (portMappings.some(({ containerPort }) => containerPort === port)) return one.reach(port);
        }
      }
      return undefined;
    },
    /** Fargate Spot: "AWS Fargate capacity providers": SIGTERM after the warning, and the words of the stopped task. */
    interruptSpot(taskArn) {
      void world.clock
        .sleep(timing.spotWarning)
        .then(() => state.tasks.get(taskArn)?.stop('Your Spot Task was interrupted.', 'SpotInterruption'));
    },
    async dispose() {
      scheduler.dispose();
      await containers.dispose();
    },
  };
}

function containersOf(world: World, { containers = 'scripted' }: EcsOptions): Containers {
  if (containers === 'real') return createRealContainers(world);
  return createScriptedContainers(world, containers === 'scripted' ? undefined : containers);
}

/** Task definitions that are INACTIVE, and tasks and services that are over, are found by tags no more. */
function isThere({ clusters, services, tasks, families }: State, arn: string): boolean {
  const status = clusters.get(arn)?.status ?? services.get(arn)?.status;
  if (status) return status !== 'INACTIVE';
  if (tasks.has(arn)) return tasks.get(arn)?.view.lastStatus !== 'STOPPED';
  return [...families.values()].flat().some((one) => one.taskDefinitionArn === arn && one.status === 'ACTIVE');
}
