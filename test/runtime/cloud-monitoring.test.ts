import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { checkConfig } from '../../runtime/infra/schema.ts';
import { Counts, cloudMonitoring, timeSeries } from '../../runtime/metrics/cloud-monitoring.ts';
import type { Series } from '../../runtime/metrics/series.ts';
import type { CloudMonitoringMetrics } from '../../runtime/wire.ts';
import { makeCertificate } from '../support/certificate.ts';
import { type FakeCloudMonitoring, type FakeOptions, startCloudMonitoring } from '../support/fake-cloud-monitoring.ts';
import { killAll, startProcess } from './support/process.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await killAll();
  for (const close of closing.splice(0)) await close();
});
const directory = mkdtempSync(join(tmpdir(), 'fairlead-monitoring-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const project = 'shop-production';
const config: CloudMonitoringMetrics = {
  type: 'gcp_cloud_monitoring',
  project_id: project,
  monitored_resource_type: 'generic_task',
  monitored_resource_labels: { location: 'europe-west3', namespace: 'prod', job: 'shop', task_id: { $env: 'TASK' } },
};

async function google(options: Partial<FakeOptions> = {}): Promise<FakeCloudMonitoring> {
  const fake = await startCloudMonitoring({ project, ...options });
  closing.push(fake.stop);
  return fake;
}

const series = (name: string, type: Series['type'], value: number, labels: Record<string, string> = {}): Series => ({
  name,
  type,
  labels,
  value,
});
const resource = { 'service.name': 'shop', 'service.instance.id': 'i-1', 'deployment.environment.name': 'prod' };

/** Pushes as a process does that started a minute ago, so many milliseconds from now. */
function pusher(fake: FakeCloudMonitoring, more: Partial<CloudMonitoringMetrics> = {}) {
  process.env.TASK = 't-1';
  const destination = cloudMonitoring({ ...config, endpoint: fake.endpoint, ...more });
  const now = Date.now();
  return (all: Series[], after = 0) =>
    destination.push(all, { resource, span: { start: now - 60_000, now: now + after } });
}

test('what is pushed is what Google takes: counters since the start, gauges as they are', async () => {
  const fake = await google();
  const push = pusher(fake, { metric_names: { open: 'shop/open', old: 'workload.googleapis.com/shop.old' } });
  const all = (count: number) => [
    series('orders_total', 'counter', count, { service: 'shop', kind: 'tea' }),
    series('open', 'gauge', 7.5),
    series('old', 'gauge', -1),
    series('broken', 'gauge', Number.NaN),
    series('endless', 'gauge', Number.POSITIVE_INFINITY),
  ];
  await push(all(3));
  await push(all(4), 60_000);
  expect(fake.mistakes).toEqual([]);
  const [orders, open, old, ...others] = [...fake.series.values()];
  expect(others).toEqual([]);
  const common = { job: 'shop', instance: 'i-1', environment: 'prod' };
  expect(orders!.map(({ value, kind }) => [value, kind])).toEqual([
    [3, 'CUMULATIVE'],
    [4, 'CUMULATIVE'],
  ]);
  expect(orders![1]).toMatchObject({
    type: 'custom.googleapis.com/orders_total',
    labels: { ...common, service: 'shop', kind: 'tea' },
    resource: {
      type: 'generic_task',
      project_id: project,
      location: 'europe-west3',
      namespace: 'prod',
      job: 'shop',
      task_id: 't-1',
    },
  });
  expect(orders![1]!.end - orders![1]!.start).toBe(120_000);
  expect(open![0]).toMatchObject({ type: 'custom.googleapis.com/shop/open', kind: 'GAUGE', value: 7.5 });
  expect(old![0]).toMatchObject({ type: 'workload.googleapis.com/shop.old', value: -1 });
});

test('a request has 200 series at most, and what is refused in one keeps nothing back of the others', async () => {
  const fake = await google();
  const push = pusher(fake);
  const many = Array.from({ length: 450 }, (_, i) => series(`m${i}`, 'gauge', i));
  fake.failures.push(403);
  await expect(push(many)).rejects.toThrow('not now (HTTP 403)');
  expect(fake.sizes).toEqual([200, 50]);
  await push(many, 60_000);
  expect(fake.mistakes).toEqual([]);
  expect(fake.series.size).toBe(450);
  await push([], 120_000);
  expect(fake.sizes).toEqual([200, 50, 200, 200, 50]);
});

test('what passes is tried again, and what was not taken is in the next push', async () => {
  const fake = await google();
  const push = pusher(fake);
  fake.failures.push(503, 429);
  await push([series('a_total', 'counter', 1)]);
  fake.failures.push(503, 503, 503);
  await expect(push([series('a_total', 'counter', 5)], 60_000)).rejects.toThrow('HTTP 503');
  await push([series('a_total', 'counter', 6)], 120_000);
  expect([...fake.series.values()].flat().map(({ value }) => value)).toEqual([1, 6]);
  expect(fake.mistakes).toEqual([]);
});

test('a counter that begins anew has a start of its own, and no push comes too soon', async () => {
  const fake = await google();
  const push = pusher(fake);
  await push([series('a_total', 'counter', 9)]);
  await push([series('a_total', 'counter', 2)], 10);
  await push([series('a_total', 'counter', 3)], 30_000);
  expect(fake.mistakes).toEqual([]);
  const [first, second, third] = [...fake.series.values()].flat();
  expect([second!.end - first!.end, second!.start - first!.end]).toEqual([5_000, 1]);
  expect(third!.start).toBe(second!.start);
});

test('a counter that is pushed as soon as it starts has begun before', () => {
  const counts = new Counts();
  expect(counts.of([series('a_total', 'counter', 1)], { start: 50, now: 50 })).toEqual([
    { ...series('a_total', 'counter', 1), start: 49, end: 50 },
  ]);
});

test('labels are such as Google has', async () => {
  const fake = await google();
  const push = pusher(fake);
  const labels = { '1st part': 'x'.repeat(2000), _own: 'ü'.repeat(2000), empty: '', ['k'.repeat(200)]: 'long' };
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`label${i}`, 'x']));
  await push([series('a', 'gauge', 1, labels), series('b', 'gauge', 1, many)]);
  expect(fake.mistakes).toEqual([]);
  const [odd, cut] = [...fake.series.values()].flat();
  expect(Object.keys(odd!.labels).sort()).toEqual(
    ['environment', 'instance', 'job', 'k'.repeat(100), 'key_1st_part', 'key_own'].sort(),
  );
  expect(Object.keys(cut!.labels)).toHaveLength(30);
  expect(cut!.labels).toMatchObject({ instance: 'i-1', label0: 'x' });
});

test('a label that is cut within a character stays text', () => {
  const point = { ...series('a', 'gauge', 1, { face: `${'x'.repeat(1023)}😀` }), end: 0 };
  const { face } = timeSeries(point, { resource: {}, monitored: { type: 'global', labels: {} } }).metric.labels;
  expect(face).toBe(`${'x'.repeat(1023)}\uFFFD`);
});

const certificate = makeCertificate();

(certificate ? test : test.skip)(
  'a process pushes with its credentials when it ends, and says nothing of them',
  async () => {
    const fake = await google({ token: 'the-token', certificate: certificate! });
    // A federation of identities: what the file says is exchanged for a token of Google.
    const exchange = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 'the-token', token_type: 'Bearer', expires_in: 3600 }));
    }).listen(0, '127.0.0.1');
    await once(exchange, 'listening');
    closing.push(() => exchange.close());
    const [subject, key, ca] = ['subject', 'key.json', 'ca.pem'].map((name) => join(directory, name));
    writeFileSync(subject!, 'the-identity');
    writeFileSync(ca!, certificate!.cert);
    const federation = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `http://127.0.0.1:${(exchange.address() as AddressInfo).port}/token`,
      credential_source: { file: subject },
    };
    writeFileSync(key!, JSON.stringify(federation));
    const app = await startProcess(
      './services.ts',
      {
        metadata: { app_id: 'shop', env_name: 'prod' },
        secrets: { Token: 't' },
        metrics: { ...config, endpoint: fake.endpoint },
      },
      {
        ...{ PROCESS: 'app', TASK: 't-7', NODE_EXTRA_CA_CERTS: ca! },
        // Without the project the library asks Google for it.
        ...{ GOOGLE_APPLICATION_CREDENTIALS: key!, GOOGLE_CLOUD_PROJECT: project },
      },
    );
    await fetch(`${app.url}/divide`, { method: 'POST', body: '{"a":6,"b":3}' });
    app.kill('SIGTERM');
    expect(await app.ended).toBe(0);
    expect(fake.mistakes).toEqual([]);
    const written = [...fake.series.values()].flat();
    expect(written.find(({ labels }) => labels.endpoint === 'divide')).toMatchObject({
      type: 'custom.googleapis.com/e_requests_total',
      resource: { task_id: 't-7' },
      value: 1,
    });
    expect(JSON.stringify(app.lines)).not.toMatch(/the-token|the-identity|metrics are not taken/);
  },
);

test('what Google refuses is one line of the log, and the process ends as it should', async () => {
  const fake = await google();
  fake.failures.push(403);
  const app = await startProcess(
    './services.ts',
    { secrets: { Token: 't' }, metrics: { ...config, endpoint: fake.endpoint, monitored_resource_labels: {} } },
    { PROCESS: 'app' },
  );
  await fetch(`${app.url}/divide`, { method: 'POST', body: '{"a":6,"b":3}' });
  app.kill('SIGTERM');
  expect(await app.ended).toBe(0);
  const lines = app.lines.filter(({ message }) => message === 'metrics are not taken');
  expect(lines).toEqual([
    expect.objectContaining({
      url: `${fake.endpoint}/v3/projects/${project}/timeSeries`,
      error: expect.stringContaining('not now (HTTP 403)'),
    }),
  ]);
});

test.each([
  ['a project that is missing', { project_id: undefined }],
  ['a kind of resource that is missing', { monitored_resource_type: undefined }],
  ['an interval that is too short for Google', { collection_interval: 1 }],
  ['a name that is none', { metric_names: { a: 1 } }],
])('%s is refused', (_, more) => {
  const check = () => checkConfig(JSON.stringify({ metrics: { ...config, ...more } }), 'x');
  expect(check).toThrow(expect.objectContaining({ code: 'FL6002' }));
});
