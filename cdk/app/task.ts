import type { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { UserError } from '../../pipeline/user-error.ts';
import { mean } from '../draft.ts';
import { ecs } from '../library.ts';
import type { Account, Meaning } from '../model.ts';
import { executionStatements } from '../permissions/execution.ts';
import { type Container, containerDefinitions } from './container.ts';
import { role } from './role.ts';
import type { Scope } from './scope.ts';

interface TaskOptions {
  /** Tells it from the environment's other tasks. */
  parts: [string, ...string[]];
  /** After the kind of resource, in logical ids. */
  id: (kind: string) => string;
  containers: Container[];
  cpu: number;
  memory: number;
  /** ARN of the role that its code has. @default none */
  taskRole?: string;
  /** Of the streams of its log. */
  prefix: string;
  logGroup: { name: string; arn: string };
  meaning: Meaning;
}

/** Characters of a definition, of the 64 KiB that ECS takes; the rest is for what is known later. */
const longest = 60_000;

/** What a task runs, and the role that ECS itself starts it with. */
export function taskDefinition(scope: Scope, options: TaskOptions): CfnTaskDefinition {
  const { parts, id, containers, cpu, memory, taskRole, prefix, logGroup, meaning } = options;
  const secrets = containers.flatMap((container) => container.secrets.map(({ arn }) => arn));
  const images = containers.map(({ image }) => image);
  const execution = role(scope, id('ExecutionRole'), {
    parts: ['start', ...parts],
    principal: 'ecs-tasks.amazonaws.com',
    statements: executionStatements({
      repositories: unique(
        scope,
        images.map((image) => repositoryArn(scope.input.account, image)),
      ),
      logGroup: logGroup.arn,
      secrets: unique(scope, secrets),
    }),
    meaning: { ...meaning, subject: `what ECS may do to start ${meaning.subject}` },
  });
  const definitions = containerDefinitions(scope, containers, prefix, logGroup.name, memory);
  requireFit(scope, definitions, meaning);
  return mean(
    scope,
    new ecs.CfnTaskDefinition(scope.scope, id('Task'), {
      family: scope.name('family', ...parts),
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64' },
      cpu: String(cpu),
      memory: String(memory),
      executionRoleArn: execution.attrArn,
      ...(taskRole !== undefined && { taskRoleArn: taskRole }),
      containerDefinitions: definitions,
    }),
    { ...meaning, subject: `task of ${meaning.subject}` },
  );
}

/** Of Amazon ECR, from an image's name with its digest; wherever else an image is, ECR is asked for nothing. */
function repositoryArn({ partition, region, id }: Account, image: string): string {
  const [host = '', ...path] = image.slice(0, image.lastIndexOf('@')).split('/');
  const [, account = id, where = region] = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(host) ?? [];
  return `arn:${partition}:ecr:${where}:${account}:repository/${path.join('/')}`;
}

function requireFit({ scope }: Scope, definitions: unknown, { subject, position }: Meaning): void {
  const length = JSON.stringify(scope.resolve(definitions)).length;
  if (length <= longest) return;
  throw new UserError({
    code: 'FL7005',
    severity: 'error',
    message: `what ${subject} has to be told takes ${length} characters, and a task of ECS takes ${longest}`,
    help: 'Set `processes` of the environment to `per-service`, so that each process is told of its own resources only.',
    ...(position && { position }),
  });
}

/** In the order of what they come to: what stands for them until then has numbers that are others each time. */
function unique({ scope }: Scope, texts: string[]): string[] {
  const keyOf = (text: string) => JSON.stringify(scope.resolve(text));
  return [...new Set(texts)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
