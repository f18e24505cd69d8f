import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import {
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import { type InStack, inStack, someNetwork } from './aws/in-stack.ts';
import type { Service } from './aws/model.ts';
import type { TaskNetwork } from './aws/services/ecs/load-balancing.ts';
import type { ElasticLoadBalancing } from './aws/services/elasticloadbalancing/elasticloadbalancing.ts';
import type { Route53 } from './aws/services/route53/route53.ts';

const type = (name: string) => `AWS::ElasticLoadBalancingV2::${name}`;
const healthCheck = {
  HealthCheckPath: '/ready',
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
};

let aws: FakeAws;
let stack: InStack;
let elb: ElasticLoadBalancing;
let client: ElasticLoadBalancingV2Client;
let network: Awaited<ReturnType<typeof someNetwork>>;
let listener: string;
let balancer: string;
let dnsName: string;
const processes = new Map<string, { server: Server; status: number }>();

beforeEach(async () => {
  aws = await makeFakeAws({ clock: 'manual' });
  stack = inStack(aws);
  elb = aws.world.service<ElasticLoadBalancing>('elasticloadbalancing');
  const credentials = { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! };
  client = new ElasticLoadBalancingV2Client({ endpoint: aws.url, region: 'eu-central-1', credentials });
  // Processes of this test stand for tasks.
  const tasks: Partial<TaskNetwork> = {
    id: 'ecs',
    operations: {},
    reach(address) {
      const found = processes.get(address);
      return found && { kind: 'real', host: '127.0.0.1', port: (found.server.address() as AddressInfo).port };
    },
  };
  (aws.world.services as Map<string, Service>).set('ecs', tasks as TaskNetwork);
  network = await someNetwork(stack);
  const made = await stack.make(type('LoadBalancer'), {
    Name: 'shop',
    Subnets: network.subnets,
    SecurityGroups: [network.group],
  });
  balancer = made.id;
  dnsName = String(made.attributes!.DNSName);
  const DefaultActions = [
    { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', MessageBody: 'nothing here' } },
  ];
  listener = (
    await stack.make(type('Listener'), { LoadBalancerArn: balancer, Port: 80, Protocol: 'HTTP', DefaultActions })
  ).id;
});
afterEach(async () => {
  await aws.dispose();
  for (const { server } of processes.values()) {
    server.closeAllConnections();
    server.close();
  }
  processes.clear();
});

async function start(address: string, status = 200): Promise<void> {
  const server = createServer((asked, answer) => {
    const ready = asked.url === '/ready';
    answer.writeHead(ready ? (processes.get(address)?.status ?? 500) : 200, { 'x-by': address });
    if (asked.url === '/echo') asked.pipe(answer);
    else
      answer.end(
        JSON.stringify({
          by: address,
          environment: asked.headers['x-fairlead-environment'],
          path: asked.url,
          from: asked.headers['x-forwarded-for'],
        }),
      );
  });
  server.on('upgrade', (_asked, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  processes.set(address, { server, status });
}

const group = async (Name: string) =>
  (
    await stack.make(type('TargetGroup'), {
      Name,
      Port: 8080,
      Protocol: 'HTTP',
      TargetType: 'ip',
      VpcId: network.vpc,
      ...healthCheck,
    })
  ).id;
const rule = (Priority: number, Conditions: object[], groups: Record<string, number>) =>
  stack.make(type('ListenerRule'), { ListenerArn: listener, Priority, Conditions, Actions: [forward(groups)] });
const forward = (groups: Record<string, number>) => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: Object.entries(groups).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
  },
});
const anything = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }];
const ask = (path = '/', init: RequestInit = {}) => fetch(`${elb.addressOf(listener)}${path}`, init);
const who = async (path = '/') => ((await (await ask(path)).json()) as { by: string }).by;

/** Virtual time passes until the target is as wanted; checks are real. */
async function until(groupArn: string, id: string, state: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (elb.targetHealth(groupArn, { id, port: 8080 })?.state === state) return;
    await aws.world.clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${id} is ${elb.targetHealth(groupArn, { id, port: 8080 })?.state}, not ${state}.`);
}

describe('a load balancer', () => {
  test('answers itself where no rule fits and where nobody is healthy', async () => {
    expect([(await ask()).status, await (await ask()).text()]).toEqual([404, 'nothing here']);
    await rule(1, anything, { [await group('web')]: 1 });
    expect((await ask()).status).toBe(503);
  });

  test('sends to a process that is healthy, streams, and passes on upgrades', async () => {
    const web = await group('web');
    await rule(1, anything, { [web]: 1 });
    await start('10.0.0.5');
    elb.registerTarget(web, { id: '10.0.0.5', port: 8080 });
    await until(web, '10.0.0.5', 'healthy');
    expect(await (await ask('/orders?x=1')).json()).toMatchObject({
      by: '10.0.0.5',
      path: '/orders?x=1',
      from: '127.0.0.1',
    });
    const body = 'x'.repeat(300_000);
    expect(await (await ask('/echo', { method: 'POST', body })).text()).toBe(body);
    expect(await upgraded('hello')).toContain('hello');
  });

  test('takes out a process that fails, and takes it back', async () => {
    const web = await group('web');
    await rule(1, anything, { [web]: 1 });
    for (const address of ['10.0.0.5', '10.0.0.6']) {
      await start(address);
      elb.registerTarget(web, { id: address, port: 8080 });
      await until(web, address, 'healthy');
    }
    processes.get('10.0.0.5')!.status = 503;
    await until(web, '10.0.0.5', 'unhealthy');
    expect(new Set([await who(), await who(), await who()])).toEqual(new Set(['10.0.0.6']));
    const { TargetHealthDescriptions } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: web }));
    expect(TargetHealthDescriptions).toMatchObject([
      {
        Target: { Id: '10.0.0.5', Port: 8080 },
        TargetHealth: { State: 'unhealthy', Reason: 'Target.ResponseCodeMismatch' },
      },
      { Target: { Id: '10.0.0.6', Port: 8080 }, TargetHealth: { State: 'healthy' } },
    ]);
    processes.get('10.0.0.5')!.status = 200;
    await until(web, '10.0.0.5', 'healthy');
  });

  test('shares requests by weight, and drains what leaves for as long as is set', async () => {
    const [old, young] = [await group('old'), await group('young')];
    const made = await rule(1, anything, { [old]: 9, [young]: 1 });
    for (const [groupArn, address] of [
      [old, '10.0.0.5'],
      [young, '10.0.0.6'],
    ] as const) {
      await start(address);
      elb.registerTarget(groupArn, { id: address, port: 8080 });
      await until(groupArn, address, 'healthy');
    }
    const counted = async (requests: number) => {
      const seen = [];
      for (let index = 0; index < requests; index += 1) seen.push(await who());
      return seen.filter((one) => one === '10.0.0.6').length;
    };
    expect(await counted(40)).toBe(4);
    await client.send(
      new ModifyRuleCommand({ RuleArn: made.id, Actions: [forward({ [old]: 0, [young]: 1 })] as never }),
    );
    expect(await counted(5)).toBe(5);
    expect(elb.ruleWeights(made.id)).toEqual({ [old]: 0, [young]: 1 });
    const gone = elb.deregisterTarget(old, { id: '10.0.0.5', port: 8080 });
    expect(elb.targetHealth(old, { id: '10.0.0.5', port: 8080 })?.state).toBe('draining');
    await aws.world.clock.advance(300_000);
    await gone;
    expect(elb.targetHealth(old, { id: '10.0.0.5', port: 8080 })).toBeUndefined();
  });

  test('tells rules apart by host, header and query, in the order of their priorities', async () => {
    const groups: Record<string, string> = {};
    for (const name of ['host', 'header', 'query', 'rest']) {
      groups[name] = await group(name);
      await start(name);
    }
    await rule(40, anything, { [groups.rest!]: 1 });
    await rule(30, [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2*' }] } }], {
      [groups.query!]: 1,
    });
    await rule(20, [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Test', Values: ['yes'] } }], {
      [groups.header!]: 1,
    });
    await rule(10, [{ Field: 'host-header', HostHeaderConfig: { Values: ['*.shop.test'] } }], { [groups.host!]: 1 });
    for (const [name, arn] of Object.entries(groups)) elb.registerTarget(arn, { id: name, port: 8080 });
    for (const [name, arn] of Object.entries(groups)) await until(arn, name, 'healthy');
    const by = async (path: string, headers = {}) => (await ask(path, { headers })).headers.get('x-by');
    expect(await by('/?v=21')).toBe('query');
    expect(await by('/?v=21', { 'x-test': 'yes' })).toBe('header');
    expect(await by('/?v=1')).toBe('rest');
    expect(await hostAsked('pr-1.shop.test')).toContain('x-by: host');
    const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn: listener }));
    expect(Rules!.map(({ Priority }) => Priority)).toEqual(['10', '20', '30', '40', 'default']);
    await expect(rule(10, anything, { [groups.rest!]: 1 })).rejects.toMatchObject({ code: 'PriorityInUse' });
    await expect(stack.unmake(type('TargetGroup'), groups.rest!)).rejects.toMatchObject({ code: 'ResourceInUse' });
  });

  test('is found by the name of a record in Route 53', async () => {
    const route53 = aws.world.service<Route53>('route53');
    const zone = route53.addZone({ account: '123456789012' }, 'shop.test');
    const AliasTarget = { DNSName: `dualstack.${dnsName}`, HostedZoneId: 'Z215JYRZR1TBD5' };
    await stack.make('AWS::Route53::RecordSet', { HostedZoneId: zone, Name: '*.shop.test', Type: 'A', AliasTarget });
    expect(route53.addressOf('pr-7.shop.test')).toBe(elb.addressOf(listener));
  });
});

describe('an HTTP API', () => {
  test('leads through its link to the listener, and says which environment it is', async () => {
    const web = await group('web');
    const Conditions = [
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-fairlead-environment', Values: ['pr-1'] } },
    ];
    await rule(1, Conditions, { [web]: 1 });
    await start('10.0.0.5');
    elb.registerTarget(web, { id: '10.0.0.5', port: 8080 });
    await until(web, '10.0.0.5', 'healthy');
    const link = await stack.make('AWS::ApiGatewayV2::VpcLink', { Name: 'link', SubnetIds: network.subnets });
    const integration = {
      type: 'http_proxy',
      httpMethod: 'ANY',
      uri: listener,
      connectionType: 'VPC_LINK',
      connectionId: link.id,
      payloadFormatVersion: '1.0',
      requestParameters: { 'overwrite:header.x-fairlead-environment': 'pr-1' },
    };
    const Body = {
      openapi: '3.0.1',
      info: { title: 'shop' },
      paths: { '/$default': { 'x-amazon-apigateway-any-method': { 'x-amazon-apigateway-integration': integration } } },
    };
    const api = await stack.make('AWS::ApiGatewayV2::Api', { Body });
    const url = String(api.attributes!.ApiEndpoint);
    expect((await fetch(url)).status).toBe(404);
    await stack.make('AWS::ApiGatewayV2::Stage', { ApiId: api.id, StageName: '$default', AutoDeploy: true });
    const answer = await fetch(`${url}/orders?x=1`, { headers: { 'x-fairlead-environment': 'production' } });
    expect(await answer.json()).toMatchObject({ by: '10.0.0.5', environment: 'pr-1', path: '/orders?x=1' });
    const big = await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(10 * 1024 * 1024 + 1) });
    expect(big.status).toBe(413);
    await stack.unmake('AWS::ApiGatewayV2::VpcLink', link.id);
    expect((await fetch(url)).status).toBe(500);
  });
});

/** What came back over a connection that was upgraded. */
function upgraded(text: string): Promise<string> {
  return raw(`GET /socket HTTP/1.1\r\nhost: shop\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n`, (seen, socket) => {
    if (seen.endsWith('\r\n\r\n')) socket.write(text);
    return seen.endsWith(text);
  });
}

function hostAsked(host: string): Promise<string> {
  return raw(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`, (seen) => seen.includes('\r\n\r\n'));
}

function raw(request: string, enough: (seen: string, socket: ReturnType<typeof connect>) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(elb.addressOf(listener)!).port), '127.0.0.1');
    let seen = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
      if (!enough(seen, socket)) return;
      socket.destroy();
      resolve(seen);
    });
    socket.on('error', reject);
    socket.write(request);
  });
}
