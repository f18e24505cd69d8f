import type { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { processPort } from '../foundation/security-groups.ts';
import type { Scope } from './scope.ts';
import type { SecretVariable } from './secret.ts';

/** A program in a task. */
export interface Container {
  name: string;
  /** With the digest. */
  image: string;
  /** @default what the image says */
  command?: string[];
  /** Texts, and what is sent as JSON. */
  environment: Record<string, string | object>;
  secrets: SecretVariable[];
  /** Whether it answers requests. @default false */
  listens?: boolean;
  /** What finds out whether it works. @default nothing */
  healthCheck?: string[];
  /** Seconds it gets to end. */
  stopTimeout?: number;
  /** Whether it runs as whoever its image says. @default false: as a user without rights */
  ownUser?: boolean;
}

/** Whoever images are made for. */
const nobody = '65532:65532';

/**
 * The one place where a process may write, such as uploads on their way: in memory, up to half of what the task has, and gone with it. A
 * bind mount would be on disk, and only root may write to one unless the image itself declares the volume (aws/containers-roadmap #938);
 * Fargate has had `tmpfs` since January 2026.
 */
function scratch(memory: number): CfnTaskDefinition.TmpfsProperty {
  return { containerPath: '/tmp', size: Math.floor(memory / 2), mountOptions: ['rw', 'nosuid', 'nodev'] };
}

/** Containers that run one after the other, each once the one before it has ended well; the last one is what the task is there for. */
export function containerDefinitions(
  scope: Scope,
  containers: Container[],
  /** Of the streams of the log. */
  prefix: string,
  logGroup: string,
  /** MiB of the task. */
  memory: number,
): CfnTaskDefinition.ContainerDefinitionProperty[] {
  return containers.map((container, index) => {
    const before = containers[index - 1];
    const { name, image, command, environment, secrets, listens, healthCheck, stopTimeout, ownUser } = container;
    return {
      name,
      image,
      essential: index === containers.length - 1,
      readonlyRootFilesystem: true,
      ...(!ownUser && { user: nobody }),
      linuxParameters: { capabilities: { drop: ['ALL'] }, tmpfs: [scratch(memory)] },
      ...(command && { command }),
      ...(listens && { portMappings: [{ containerPort: processPort, protocol: 'tcp' }] }),
      environment: Object.entries(environment).map(([key, value]) => ({
        name: key,
        value: typeof value === 'string' ? value : scope.scope.toJsonString(value),
      })),
      secrets: secrets.map(({ name: key, valueFrom }) => ({ name: key, valueFrom })),
      ...(healthCheck && {
        healthCheck: { command: healthCheck, interval: 10, timeout: 5, retries: 3, startPeriod: 30 },
      }),
      ...(stopTimeout !== undefined && { stopTimeout }),
      ...(before && { dependsOn: [{ containerName: before.name, condition: 'SUCCESS' }] }),
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': logGroup,
          'awslogs-region': scope.input.account.region,
          'awslogs-stream-prefix': prefix,
        },
      },
    };
  });
}
