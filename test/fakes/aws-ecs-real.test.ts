import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  type ContainerDefinition,
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import type { Ecs } from './aws/services/ecs/model.ts';
import { pushProgram } from './aws-push.ts';

const server = `
import { createServer } from 'node:http';
console.log('version ' + process.env.VERSION + ' as ' + process.argv.slice(2));
process.on('SIGTERM', () => { console.log('goes'); process.exit(0); });
createServer((request, response) => {
  response.statusCode = process.env.ILL ? 500 : 200;
  response.end(process.env.VERSION + ' ' + process.env.PASSWORD);
}).listen(8080, () => console.log('listens'));
`;
const once = `
console.log(JSON.stringify({ env: Object.keys(process.env).sort(), password: process.env.PASSWORD }));
if (process.env.ASK) {
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } = process.env;
  const { AccessKeyId, RoleArn } = await (await fetch(url, { headers: { authorization } })).json();
  console.log('role ' + RoleArn.split('/').at(-1) + ' ' + AccessKeyId.slice(0, 4) + ' ' + (await fetch(url)).status);
}
process.exit(Number(process.env.CODE ?? 0));
`;
const check = "fetch('http://127.0.0.1:8080/').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))";

let fake: FakeAws;
let ecs: ECSClient;
let logs: CloudWatchLogsClient;
let images: { server: string; once: string };
let secret: string;
const roles = { exec: 'arn:aws:iam::123456789012:role/exec', task: 'arn:aws:iam::123456789012:role/task' };
const clients: { destroy(): void }[] = [];

function client<T extends { destroy(): void }>(make: new (settings: object) => T): T {
  const { env } = fake;
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
  const made = new make({ endpoint: env.AWS_ENDPOINT_URL, region: env.AWS_REGION, credentials, maxAttempts: 1 });
  clients.push(made);
  return made;
}

beforeAll(async () => {
  fake = await makeFakeAws({ containers: 'real' });
  ecs = client(ECSClient);
  logs = client(CloudWatchLogsClient);
  const ecr = client(ECRClient);
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: 'web' }));
  const uri = repository?.repositoryUri ?? '';
  images = {
    server: `${uri}@${await pushProgram(ecr, uri, 'server', { source: server, env: { VERSION: 'image' } })}`,
    once: `${uri}@${await pushProgram(ecr, uri, 'once', { source: once })}`,
  };
  await ecs.send(new CreateClusterCommand({ clusterName: 'main' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'web' }));
  const { ARN } = await client(SecretsManagerClient).send(
    new CreateSecretCommand({ Name: 'db', SecretString: JSON.stringify({ username: 'u', password: 'geheim' }) }),
  );
  secret = ARN ?? '';
  const iam = client(IAMClient);
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  for (const RoleName of ['exec', 'task'])
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const Statement = [
    { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: repository?.repositoryArn,
    },
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: 'arn:aws:logs:*:*:log-group:web:*',
    },
    { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'exec', PolicyName: 'all', PolicyDocument }));
}, 60_000);
afterAll(async () => {
  for (const one of clients) one.destroy();
  await fake.dispose();
});

const logConfiguration = {
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': 'web', 'awslogs-region': 'eu-central-1', 'awslogs-stream-prefix': 'p' },
};

async function define(family: string, containerDefinitions: ContainerDefinition[], extra: object = {}): Promise<void> {
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      executionRoleArn: roles.exec,
      containerDefinitions: containerDefinitions.map((one) => ({ logConfiguration, ...one })),
      ...extra,
    }),
  );
}

const networkConfiguration = { awsvpcConfiguration: { subnets: [] } };

async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const found = await read();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited too long for ${read}`);
  }
}

async function ended(taskDefinition: string): Promise<Task> {
  const { tasks } = await ecs.send(new RunTaskCommand({ cluster: 'main', taskDefinition, networkConfiguration }));
  return over(tasks?.[0]?.taskArn ?? '');
}

const over = (arn: string) =>
  until(async () => {
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: 'main', tasks: [arn] }));
    return tasks?.[0]?.lastStatus === 'STOPPED' ? tasks[0] : undefined;
  });

async function linesOf({ taskArn = '' }: Task, container: string): Promise<string[]> {
  const logStreamNames = [`p/${container}/${taskArn.split('/').at(-1)}`];
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: 'web', logStreamNames }));
  return events.map(({ message = '' }) => message);
}

test('a task runs the image with its secrets, its role and nothing of the host, and tells its exit code', async () => {
  process.env.OF_THE_HOST = 'yes';
  await define(
    'once',
    [
      {
        name: 'app',
        image: images.once,
        environment: [
          { name: 'CODE', value: '7' },
          { name: 'ASK', value: '1' },
        ],
        secrets: [{ name: 'PASSWORD', valueFrom: `${secret}:password::` }],
      },
    ],
    { taskRoleArn: roles.task },
  );
  const task = await ended('once');
  expect(task).toMatchObject({
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ exitCode: 7, imageDigest: images.once.split('@')[1] }],
  });
  const [first = '', second] = await linesOf(task, 'app');
  const { env, password } = JSON.parse(first) as { env: string[]; password: string };
  expect(password).toBe('geheim');
  expect(env).toContain('AWS_ENDPOINT_URL');
  expect(env).not.toContain('OF_THE_HOST');
  expect(second).toBe('role task ASIA 403');
  delete process.env.OF_THE_HOST;
}, 60_000);

test('init containers run one after the other, before the essential one', async () => {
  const before = (name: string) => [{ containerName: name, condition: 'SUCCESS' as const }];
  await define('inits', [
    { name: 'app', image: images.once, dependsOn: before('migrate') },
    { name: 'migrate', image: images.once, essential: false, dependsOn: before('provision') },
    { name: 'provision', image: images.once, essential: false },
  ]);
  expect((await ended('inits')).containers?.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  await define('fails', [
    { name: 'app', image: images.once, dependsOn: before('migrate') },
    { name: 'migrate', image: images.once, essential: false, environment: [{ name: 'CODE', value: '1' }] },
  ]);
  expect(await ended('fails')).toMatchObject({
    stopCode: 'TaskFailedToStart',
    containers: [{ name: 'app' }, { exitCode: 1 }],
  });
}, 60_000);

describe('a task does not start', () => {
  test('for an image that is not there', async () => {
    const image = images.once.replace(/@.*/, ':none');
    await define('none', [{ name: 'app', image }]);
    expect((await ended('none')).stoppedReason).toBe(
      `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}: ${image}: not found`,
    );
  });

  test('for a secret that its execution role may not read', async () => {
    const { ARN } = await client(SecretsManagerClient).send(
      new CreateSecretCommand({ Name: 'other', SecretString: 'x' }),
    );
    await define('denied', [{ name: 'app', image: images.once, secrets: [{ name: 'S', valueFrom: ARN }] }]);
    const { stoppedReason, stopCode } = await ended('denied');
    expect(stopCode).toBe('TaskFailedToStart');
    expect(stoppedReason).toMatch(
      /^ResourceInitializationError: unable to pull secrets .* failed to fetch secret .* AccessDenied/,
    );
  });
});

test('two tasks listen on one port, are checked, reached and stopped by SIGTERM', async () => {
  const healthCheck = { command: ['CMD', '/usr/local/bin/node', '-e', check], interval: 5, retries: 3 };
  await define('server', [
    {
      name: 'app',
      image: images.server,
      healthCheck,
      portMappings: [{ containerPort: 8080 }],
      command: ['main.mjs', 'said'],
    },
  ]);
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'main',
      serviceName: 'server',
      taskDefinition: 'server',
      desiredCount: 2,
      networkConfiguration,
    }),
  );
  await until(async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'main', services: ['server'] }));
    return services?.[0]?.deployments?.[0]?.rolloutState === 'COMPLETED' || undefined;
  });
  const { state, reach } = fake.world.service<Ecs>('ecs');
  const tasks = [...state.tasks.values()].filter(({ view }) => view.group === 'service:server');
  const answers = await Promise.all(
    tasks.map(async ({ address = '' }) => {
      const at = reach(address, 8080);
      if (at?.kind !== 'real') throw new Error('no process');
      return (await fetch(`http://${at.host}:${at.port}/`)).text();
    }),
  );
  expect(answers).toEqual(['image undefined', 'image undefined']);
  const { view } = tasks[0]!;
  await ecs.send(new StopTaskCommand({ cluster: 'main', task: view.taskArn, reason: 'enough' }));
  const task = await over(view.taskArn);
  expect(task).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough', containers: [{ exitCode: 0 }] });
  expect(await linesOf(task, 'app')).toEqual(['version image as said', 'listens', 'goes']);
}, 60_000);
