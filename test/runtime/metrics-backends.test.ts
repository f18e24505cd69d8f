import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import snappy from 'snappyjs';
import { checkConfig } from '../../runtime/infra/schema.ts';
import { Changes } from '../../runtime/metrics/changes.ts';
import { embeddedMetrics } from '../../runtime/metrics/cloudwatch.ts';
import { datadogSeries } from '../../runtime/metrics/datadog.ts';
import { writeRequest } from '../../runtime/metrics/remote-write.ts';
import type { Series } from '../../runtime/metrics/series.ts';
import type { MetricsBackend } from '../../runtime/wire.ts';
import { prometheusAbsent, startPrometheus } from '../support/prometheus.ts';
import { type AppProcess, killAll, startProcess, until } from './support/process.ts';

const closing: (() => unknown)[] = [killAll];
afterAll(async () => {
  for (const close of closing) await close();
});

interface Request {
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Somebody who collects. @param status what is answered to each request, in order; then 202 */
async function receiver(...status: number[]): Promise<{ url: string; requests: Request[] }> {
  const requests: Request[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ url: request.url, headers: request.headers, body: await buffer(request) });
    response.writeHead(status.shift() ?? 202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const run = (metrics: MetricsBackend, env: Record<string, string> = {}) =>
  startProcess(
    './services.ts',
    {
      metadata: { app_id: 'shop', env_name: 'pr-1' },
      secrets: { Token: 't' },
      metrics,
      fairlead: { version: 1, release: 'sha256:abc' },
    },
    { PROCESS: 'app', ...env },
  );
const divide = (app: AppProcess) => fetch(`${app.url}/divide`, { method: 'POST', body: '{"a":6,"b":3}' });

const series = (name: string, type: Series['type'], value: number, labels: Record<string, string> = {}): Series => ({
  name,
  type,
  labels,
  value,
});
const resource = { 'service.name': 'shop', 'service.instance.id': 'i-1', 'deployment.environment.name': 'pr-1' };

(prometheusAbsent ? test.skip : test)(
  `Prometheus takes what is pushed${prometheusAbsent ? ` (${prometheusAbsent})` : ''}`,
  async () => {
    const prometheus = await startPrometheus();
    closing.push(prometheus.stop);
    const app = await run({ type: 'prometheus', remote_write_url: prometheus.url, collection_interval: 1 });
    await divide(app);
    const [first] = await until(async () => {
      const found = await prometheus.query('e_requests_total{endpoint="divide"}');
      return found.length > 0 && found;
    });
    expect(first).toEqual({
      value: '1',
      labels: {
        __name__: 'e_requests_total',
        code: 'ok',
        endpoint: 'divide',
        environment: 'pr-1',
        instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
        job: 'shop',
        service: expect.any(String),
      },
    });
    await divide(app);
    await until(async () => (await prometheus.query('e_requests_total{endpoint="divide"}'))[0]?.value === '2');
    // Whatever a label and a value may be.
    const odd = [
      series('odd', 'gauge', -0.25, { '1st part': 'a "quoted" \\ back\nline, ü', empty: '', upper: 'A' }),
      series('odd_total', 'counter', 1e21, { long: 'x'.repeat(300) }),
      series('endless', 'gauge', Number.POSITIVE_INFINITY),
    ];
    const { status } = await fetch(prometheus.url, {
      method: 'POST',
      headers: { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' },
      body: Uint8Array.from(snappy.compress(writeRequest(odd, resource, Date.now()))),
    });
    expect(status).toBe(204);
    const common = { job: 'shop', instance: 'i-1', environment: 'pr-1' };
    expect(await prometheus.query('{job="shop",instance="i-1"}')).toEqual(
      expect.arrayContaining([
        {
          value: '-0.25',
          labels: { __name__: 'odd', _1st_part: 'a "quoted" \\ back\nline, ü', upper: 'A', ...common },
        },
        { value: '1e+21', labels: { __name__: 'odd_total', long: 'x'.repeat(300), ...common } },
        { value: '+Inf', labels: { __name__: 'endless', ...common } },
      ]),
    );
  },
);

test('remote write has its headers, and a password is neither in the URL nor in the log', async () => {
  const { url, requests } = await receiver(500);
  const target = `${url.replace('http://', 'http://ann:p%40ss@')}/push?key=hidden`;
  const app = await run(
    { type: 'prometheus', remote_write_url: { $env: 'REMOTE' }, collection_interval: 1 },
    { REMOTE: target },
  );
  const line = await app.line(({ message }) => message === 'metrics are not taken');
  expect(line).toMatchObject({ url: `${url}/push`, error: expect.stringContaining('the collector answered 500') });
  await app.line(({ message }) => message === 'metrics are taken again');
  expect(requests[0]).toMatchObject({
    url: '/push?key=hidden',
    headers: {
      authorization: `Basic ${Buffer.from('ann:p@ss').toString('base64')}`,
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
  });
  expect(JSON.stringify(app.lines)).not.toMatch(/p@ss|p%40ss|hidden/);
  expect(Buffer.from(snappy.uncompress(Uint8Array.from(requests[0]!.body))).toString()).toContain(
    'e_sys_memory_used_bytes',
  );
});

test('Datadog gets what counters have gained, and once more what it did not take', async () => {
  const { url, requests } = await receiver(403);
  const app = await run(
    { type: 'datadog', site: url, api_key: { $env: 'KEY' }, collection_interval: 1 },
    { KEY: 'dd-key' },
  );
  await divide(app);
  await until(() => requests.length >= 2);
  await divide(app);
  app.kill('SIGTERM');
  expect(await app.ended).toBe(0);
  expect(requests[0]).toMatchObject({ url: '/api/v2/series', headers: { 'dd-api-key': 'dd-key' } });
  const pushed = requests.map(({ body }) => JSON.parse(body.toString()) as ReturnType<typeof datadogSeries>);
  const counted = pushed
    .slice(1)
    .flatMap(({ series }) =>
      series.filter(({ tags }) => ['endpoint:divide', 'service:front'].every((tag) => tags.includes(tag))),
    );
  expect(counted.map(({ points }) => points[0].value).reduce((a, b) => a + b, 0)).toBe(2);
  expect(counted[0]).toMatchObject({
    metric: 'e_requests_total',
    type: 1,
    interval: 1,
    tags: expect.arrayContaining(['app:shop', 'env:pr-1', 'version:sha256:abc', 'code:ok']),
  });
  expect(JSON.stringify(app.lines)).not.toContain('dd-key');
});

test('Datadog gets no number that it does not know', () => {
  const all = [series('open', 'gauge', 2, { service: 'a' }), series('broken', 'gauge', Number.NaN)];
  expect(datadogSeries(all, resource, { now: 5_900, interval: 60 })).toEqual({
    series: [
      {
        metric: 'open',
        type: 3,
        points: [{ timestamp: 5, value: 2 }],
        tags: ['app:shop', 'env:pr-1', 'service:a'],
        resources: [{ type: 'host', name: 'i-1' }],
      },
    ],
  });
});

test('CloudWatch finds metrics in the log', async () => {
  const app = await run({ type: 'aws_cloudwatch', namespace: 'shop', collection_interval: 1 });
  await divide(app);
  const line = await app.line(({ _aws, endpoint }) => _aws !== undefined && endpoint === 'divide');
  expect(line).toMatchObject({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: 'shop',
          Dimensions: [['code', 'endpoint', 'service']],
          Metrics: [{ Name: 'e_requests_total', Unit: 'Count' }],
        },
      ],
    },
    code: 'ok',
    e_requests_total: 1,
  });
});

test('CloudWatch gets one line for each set of labels, of a hundred metrics at most', () => {
  const many = Array.from({ length: 130 }, (_, i) => series(`m${i}`, 'gauge', i, { service: 'a' }));
  const other = series('n', 'counter', 1, { service: 'b', empty: '' });
  const lines = embeddedMetrics(
    [...many, other, series('broken', 'gauge', Number.NaN)],
    {},
    { namespace: 'n', now: 7 },
  );
  const metrics = lines.map((line) => (line as { _aws: { CloudWatchMetrics: [{ Metrics: object[] }] } })._aws);
  expect(metrics.map(({ CloudWatchMetrics }) => CloudWatchMetrics[0].Metrics.length)).toEqual([100, 30, 1]);
  expect(lines[2]).toEqual({
    _aws: {
      Timestamp: 7,
      CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [['service']], Metrics: [{ Name: 'n', Unit: 'Count' }] }],
    },
    service: 'b',
    n: 1,
  });
});

test('a counter that begins anew has gained what it has', () => {
  const changes = new Changes();
  const at = (value: number) => [series('a_total', 'counter', value), series('b', 'gauge', value)];
  const values = (value: number) => changes.of(at(value)).map((one) => one.value);
  expect(values(3)).toEqual([3, 3]);
  expect(values(4)).toEqual([4, 4]);
  changes.taken(at(4));
  expect(values(6)).toEqual([2, 6]);
  expect(values(1)).toEqual([1, 1]);
});

test.each([
  ['a backend that there is none of', { type: 'graphite', host: 'x' }, 'FL6008'],
  ['a key that is missing', { type: 'datadog', site: 'datadoghq.eu' }, 'FL6002'],
  ['an interval of nothing', { type: 'prometheus', remote_write_url: 'http://x', collection_interval: 0 }, 'FL6002'],
])('%s is refused', (_, metrics, code) => {
  expect(() => checkConfig(JSON.stringify({ metrics }), 'x')).toThrow(expect.objectContaining({ code }));
});
