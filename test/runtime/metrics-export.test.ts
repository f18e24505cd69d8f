import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import parsePrometheus from 'parse-prometheus-text-format';
import { metricsRequest } from '../../runtime/metrics/otlp.ts';
import type { Series } from '../../runtime/metrics/series.ts';
import { formatText } from '../../runtime/metrics/text.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { type AppProcess, killAll, spawnProcess, startProcess, until } from './support/process.ts';

const run = (env: Record<string, string> = {}, fairlead: Partial<NonNullable<InfraConfig['fairlead']>> = {}) => {
  const config: InfraConfig = {
    metadata: { app_id: 'shop', env_name: 'pr-1' },
    secrets: { Token: 't' },
    fairlead: { version: 1, release: 'sha256:abc', ...fairlead },
  };
  return startProcess('./services.ts', config, { PROCESS: 'app', ...env });
};
const divide = (app: AppProcess, a: number, b: unknown) =>
  fetch(`${app.url}/divide`, { method: 'POST', body: JSON.stringify({ a, b }) });

afterAll(killAll);

const series = (name: string, type: Series['type'], value: number, labels: Record<string, string> = {}): Series => ({
  name,
  type,
  labels,
  value,
});

test('the text is what Prometheus reads', () => {
  const odd = 'a "quoted" \\ back\nline, {brace} ü';
  const all = [
    series('b_total', 'counter', 1.5, { service: 'shop', odd }),
    series('a', 'gauge', -0.25),
    series('b_total', 'counter', 1e21, { service: 'mail', '1st-part': 'x' }),
    series('c', 'gauge', Number.POSITIVE_INFINITY),
    series('d', 'gauge', Number.NaN),
  ];
  const read = parsePrometheus(formatText(all)).map(({ name, type, metrics }) => ({ name, type, metrics }));
  expect(read).toEqual([
    { name: 'a', type: 'GAUGE', metrics: [{ value: '-0.25' }] },
    {
      name: 'b_total',
      type: 'COUNTER',
      metrics: [
        { value: '1.5', labels: { service: 'shop', odd } },
        { value: '1e+21', labels: { service: 'mail', _1st_part: 'x' } },
      ],
    },
    { name: 'c', type: 'GAUGE', metrics: [{ value: '+Inf' }] },
    { name: 'd', type: 'GAUGE', metrics: [{ value: 'NaN' }] },
  ]);
  expect(formatText([])).toBe('');
});

/** Takes what there is when it is asked, as the official exporters do. */
class Reader extends MetricReader {
  protected override async onShutdown() {}
  protected override async onForceFlush() {}
}

test('what is pushed has the form that the official library gives it', async () => {
  const reader = new Reader();
  const resource = { 'service.name': 'shop', 'service.version': '1' };
  const provider = new MeterProvider({ readers: [reader], resource: resourceFromAttributes(resource) });
  const meter = provider.getMeter('fairlead');
  const counter = meter.createCounter('orders_total');
  counter.add(2, { service: 'shop', kind: 'tea' });
  counter.add(1.5, { service: 'mail', kind: 'ink' });
  meter.createGauge('open').record(7.25, { service: 'shop' });
  const { resourceMetrics } = await reader.collect();
  const official = JSON.parse(Buffer.from(JsonMetricsSerializer.serializeRequest(resourceMetrics)!).toString());
  const own = JSON.parse(
    JSON.stringify(
      metricsRequest(
        [
          series('orders_total', 'counter', 2, { service: 'shop', kind: 'tea' }),
          series('orders_total', 'counter', 1.5, { service: 'mail', kind: 'ink' }),
          series('open', 'gauge', 7.25, { service: 'shop' }),
        ],
        resource,
        { start: 1, now: 2 },
      ),
      (key, value) => (/TimeUnixNano$|^timeUnixNano$/.test(key) ? expect.stringMatching(/^\d+$/) : value),
    ),
  );
  const timeless = (value: unknown) =>
    JSON.parse(JSON.stringify(value, (key, one) => (/UnixNano$/i.test(key) ? 'time' : one)));
  expect(timeless(official)).toMatchObject(timeless(own));
});

test('times are nanoseconds, as text, and what is no number is a word', () => {
  const one = metricsRequest(
    [series('a', 'gauge', Number.NaN)],
    {},
    { start: 1_700_000_000_123, now: 1_700_000_001_000 },
  );
  expect(JSON.stringify(one)).toContain(
    '{"attributes":[],"startTimeUnixNano":"1700000000123000000","timeUnixNano":"1700000001000000000","asDouble":"NaN"}',
  );
});

test('a process answers on a port of its own, and nowhere else', async () => {
  const app = await run({ FAIRLEAD_METRICS_PORT: '0' });
  const started = await app.line(({ message }) => message === 'application started');
  const metrics = `http://127.0.0.1:${started.metrics_port}/metrics`;
  await divide(app, 4, 2);
  await divide(app, 4, 2);
  await fetch(`${app.url}/divide`, { method: 'POST', body: '{"a":"x","b":1}' });
  const read = parsePrometheus(await (await fetch(metrics)).text());
  const requests = read.find(({ name }) => name === 'e_requests_total')!.metrics;
  const of = (service: string, endpoint: string) =>
    requests
      .filter(({ labels }) => labels?.service === service && labels?.endpoint === endpoint)
      .map(({ labels, value }) => [labels?.code, value]);
  expect(of('front', 'divide')).toEqual([
    ['ok', '2'],
    ['invalid_argument', '1'],
  ]);
  expect(of('math', 'divide')).toEqual([['ok', '2']]);
  const memory = read.find(({ name }) => name === 'e_sys_memory_used_bytes')!.metrics;
  expect(memory).toEqual([{ value: expect.stringMatching(/^\d{8,}$/) }]);

  const type = (await fetch(metrics)).headers.get('content-type');
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  const answers = [
    metrics.replace('metrics', 'other'),
    metrics.replace('metrics', 'divide'),
    `${app.url}/metrics`,
    `${app.url}/__fairlead/metrics`,
  ];
  expect(await Promise.all(answers.map(async (url) => (await fetch(url)).status))).toEqual([404, 404, 404, 404]);
  expect((await fetch(metrics, { method: 'POST', body: 'x' })).status).toBe(405);
  expect([(await fetch(metrics, { method: 'HEAD' })).status, (await fetch(`${metrics}?a=b`)).status]).toEqual([
    200, 200,
  ]);
  app.kill('SIGTERM');
  expect(await app.ended).toBe(0);
});

test('a port that cannot be had keeps the process from starting', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  for (const value of [String(port), 'x']) {
    const app = spawnProcess('./services.ts', {}, { PROCESS: 'app', FAIRLEAD_METRICS_PORT: value });
    const line = await app.line(({ code }) => code === 'FL6005');
    expect(line.message).toContain(`cannot listen on 127.0.0.1:${value} for metrics`);
    expect(await app.ended).toBe(1);
  }
  other.close();
});

/** What a push holds, as far as it is looked at. */
interface Push {
  resourceMetrics: {
    resource: { attributes: object[] };
    scopeMetrics: { metrics: { name: string; sum?: { dataPoints: { asDouble: number }[] } }[] }[];
  }[];
}

test('a process pushes at each interval and at its end, and says once that nobody takes it', async () => {
  const pushes: { path: string; type: string; who?: string | undefined; body: Push }[] = [];
  let status = 503;
  const collector = createServer(async (request, response) => {
    pushes.push({
      path: `${request.method} ${request.url}`,
      type: String(request.headers['content-type']),
      who: request.headers.authorization,
      body: JSON.parse(await text(request)),
    });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const app = await run(
    {},
    { telemetry: { otlp: `http://ann:p%40ss@127.0.0.1:${port}/`, interval: 1, traces: { ratio: 0 } } },
  );
  await until(() => pushes.length >= 2);
  status = 200;
  await app.line(({ message }) => message === 'metrics are taken again');
  await divide(app, 4, 2);
  app.kill('SIGTERM');
  expect(await app.ended).toBe(0);
  expect(app.lines.filter(({ message }) => message === 'metrics are not taken')).toHaveLength(1);
  const last = pushes.at(-1)!;
  const who = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
  expect(last).toMatchObject({ path: 'POST /v1/metrics', type: 'application/json', who });
  expect(JSON.stringify(app.lines)).not.toMatch(/p@ss|p%40ss/);
  const { resource, scopeMetrics } = last.body.resourceMetrics[0]!;
  expect(resource.attributes).toEqual([
    { key: 'service.name', value: { stringValue: 'shop' } },
    { key: 'service.version', value: { stringValue: 'sha256:abc' } },
    { key: 'deployment.environment.name', value: { stringValue: 'pr-1' } },
    { key: 'service.instance.id', value: { stringValue: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
  ]);
  const requests = scopeMetrics[0]!.metrics.find(({ name }) => name === 'e_requests_total');
  expect(requests?.sum?.dataPoints.map(({ asDouble }) => asDouble)).toEqual([1, 1]);
  collector.close();
});

test('with neither, nothing is listened on', async () => {
  const app = await run();
  const started = await app.line(({ message }) => message === 'application started');
  expect(started).not.toHaveProperty('metrics_port');
  expect((await divide(app, 4, 2)).status).toBe(200);
  app.kill('SIGTERM');
  expect(await app.ended).toBe(0);
});
