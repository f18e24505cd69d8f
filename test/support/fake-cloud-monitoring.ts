import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * `projects.timeSeries.create` of Google Cloud Monitoring, which has no emulator. It holds requests to what Google documents:
 * - "REST Resource: projects.timeSeries", method create: 1 to 200 series in a request, one point in each, no series twice
 * - "TimeInterval": the start of a gauge is its end or not there; a cumulative one starts before its end, with the same start each time,
 *   or after the last end when it has begun anew; ends rise, and are at most 25 hours ago and five minutes ahead
 * - "Quotas and limits", user-defined metrics: points of a series are 5 s apart; 30 labels, keys of 100 and values of 1024 characters
 * - "LabelDescriptor": a key is a letter, then letters, digits and underscores
 * - "Metric naming conventions": a type has a domain that may be written to
 * - "MetricDescriptor": a metric keeps its kind and the type of its values
 * - "Monitored resource types": a resource has the labels of its type, all of them and no others
 * What is wrong is said with status 400 as Google's APIs say it; the other series of the request count nevertheless.
 */
export interface FakeCloudMonitoring {
  endpoint: string;
  /** By series, its points in order. */
  series: Map<string, Written[]>;
  /** The numbers of series that requests had. */
  sizes: number[];
  /** What was wrong with any of them. */
  mistakes: string[];
  /** Statuses that the next requests are answered with, without a look at them. */
  failures: number[];
  stop(): Promise<void>;
}

export interface Written {
  type: string;
  labels: Record<string, string>;
  resource: Record<string, string>;
  kind: string;
  /** Milliseconds since 1970. */
  start: number;
  end: number;
  value: number;
}

export interface FakeOptions {
  project: string;
  /** That requests have to have. */
  token?: string;
  /** Of its own, for TLS. */
  certificate?: { cert: string; key: string };
}

const resourceLabels: Record<string, string[]> = {
  global: ['project_id'],
  generic_task: ['job', 'location', 'namespace', 'project_id', 'task_id'],
};

export async function startCloudMonitoring({ project, token, certificate }: FakeOptions): Promise<FakeCloudMonitoring> {
  const state = { series: new Map<string, Written[]>(), sizes: [], mistakes: [], failures: [] };
  const fake: Omit<FakeCloudMonitoring, 'endpoint' | 'stop'> = state;
  const answer = async (request: IncomingMessage): Promise<[number, object]> => {
    const body = await text(request);
    const failure = fake.failures.shift();
    if (failure !== undefined) return [failure, errorOf(failure, 'not now')];
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return [401, errorOf(401, 'who?')];
    if (request.method !== 'POST' || request.url !== `/v3/projects/${project}/timeSeries`)
      return [404, errorOf(404, `${request.method} ${request.url}`)];
    const wrong = take(fake, JSON.parse(body));
    fake.mistakes.push(...wrong);
    return wrong.length > 0 ? [400, errorOf(400, wrong.join('; '))] : [200, {}];
  };
  const server: Server = certificate ? createSecure(certificate) : createPlain();
  server.on('request', async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, certificate ? 'localhost' : '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    endpoint: certificate ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}

function errorOf(code: number, message: string): object {
  return { error: { code, message, status: 'FAKE' } };
}

/** Writes what is right. @returns what is not */
function take(fake: Pick<FakeCloudMonitoring, 'series' | 'sizes'>, body: { timeSeries: RawSeries[] }): string[] {
  fieldsOf('the request', body, ['timeSeries']);
  const { timeSeries } = body;
  fake.sizes.push(timeSeries.length);
  if (timeSeries.length < 1 || timeSeries.length > 200) return [`${timeSeries.length} series`];
  const seen = new Set<string>();
  return timeSeries.flatMap((raw) => {
    const key = JSON.stringify([raw.metric, raw.resource]);
    const wrong = seen.has(key) ? ['a series is there twice'] : mistakesOf(fake, raw, key);
    seen.add(key);
    if (wrong.length === 0) fake.series.set(key, [...(fake.series.get(key) ?? []), written(raw)]);
    return wrong.map((what) => `${raw.metric.type}: ${what}`);
  });
}

interface RawSeries {
  metric: { type: string; labels: Record<string, string> };
  resource: { type: string; labels: Record<string, string> };
  metricKind: string;
  valueType: string;
  points: { interval: { startTime?: string; endTime: string }; value: { doubleValue: number } }[];
}

function written({ metric, resource, metricKind, points: [point] }: RawSeries): Written {
  const { startTime, endTime } = point!.interval;
  return {
    ...metric,
    resource: { type: resource.type, ...resource.labels },
    kind: metricKind,
    start: Date.parse(startTime ?? endTime),
    end: Date.parse(endTime),
    value: point!.value.doubleValue,
  };
}

function mistakesOf({ series }: Pick<FakeCloudMonitoring, 'series'>, raw: RawSeries, key: string): string[] {
  const { metric, resource, metricKind, points } = raw;
  const wrong: string[] = [
    ...fieldsOf('a series', raw, ['metric', 'resource', 'metricKind', 'valueType', 'points']),
    ...fieldsOf('a metric', metric, ['type', 'labels']),
    ...fieldsOf('a resource', resource, ['type', 'labels']),
  ];
  const say = (bad: boolean, what: string) => void (bad && wrong.push(what));
  say(points.length !== 1, `${points.length} points`);
  const point = points[0]!;
  wrong.push(...fieldsOf('a value', point.value, ['doubleValue']));
  say(!/^(custom|workload|external)\.googleapis\.com\/[\w./]+$/.test(metric.type), 'this type cannot be written');
  say(Object.keys(metric.labels).length > 30, 'too many labels');
  for (const [label, value] of Object.entries(metric.labels)) {
    say(!/^[a-zA-Z][a-zA-Z0-9_]{0,99}$/.test(label), `the label ${label}`);
    say(typeof value !== 'string' || value.length > 1024, `the value of ${label}`);
  }
  const needed = resourceLabels[resource.type] ?? [];
  say(String(Object.keys(resource.labels).sort()) !== String(needed), `labels of the resource ${resource.type}`);
  say(!['CUMULATIVE', 'GAUGE'].includes(metricKind) || raw.valueType !== 'DOUBLE', 'the kind');
  const others = [...series.values()].flat().filter(({ type }) => type === metric.type);
  say(
    others.some(({ kind }) => kind !== metricKind),
    'another kind than before',
  );
  say(!Number.isFinite(point.value.doubleValue), 'the value is not finite');
  for (const at of Object.values(point.interval))
    say(!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(at), `the time ${at}`);
  const { start, end } = written(raw);
  say(metricKind === 'GAUGE' ? start !== end : start >= end, 'the interval');
  say(end > Date.now() + 5 * 60_000 || end < Date.now() - 25 * 3_600_000, 'the end is too far away');
  const before = series.get(key)?.at(-1);
  if (before) {
    say(end < before.end + 5_000, 'points of a series are too close');
    say(metricKind === 'CUMULATIVE' && start !== before.start && start <= before.end, 'the start is another');
    say(metricKind === 'CUMULATIVE' && start === before.start && point.value.doubleValue < before.value, 'it fell');
  }
  return wrong;
}

function fieldsOf(what: string, value: object, known: string[]): string[] {
  return Object.keys(value)
    .filter((field) => !known.includes(field))
    .map((field) => `${what} has no field ${field}`);
}
