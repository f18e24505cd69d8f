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

/** Containers that run one after the other, each once the one before it has ended well; the last one is what the task is there for. */
export function containerDefinitions(
  scope: Scope,
  containers: Container[],
  /** Of the streams of the log. */
  prefix: string,
  logGroup: string,
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
      linuxParameters: { capabilities: { drop: ['ALL'] } },
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
