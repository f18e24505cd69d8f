import { GoogleApi } from '../google/api.ts';
import { resolveEnv } from '../infra/config.ts';
import type { CloudMonitoringMetrics } from '../wire.ts';
import type { Destination } from './destination.ts';
import type { Resource, Span } from './otlp.ts';
import type { Series } from './series.ts';
import { labelName } from './text.ts';

const google = 'https://monitoring.googleapis.com';

/** As many series as one request may have. */
const mostSeries = 200;

/** As many labels as a metric may have, and the characters of their names and values. */
const [mostLabels, longestKey, longestValue] = [30, 100, 1024];

/** How far apart two points of a series have to be. Milliseconds. */
const pace = 5_000;

/** How long a request may take with everything that is tried again. Milliseconds. */
const patience = 10_000;

/** Google Cloud Monitoring, by its API for time series. It takes finite numbers alone. */
export function cloudMonitoring(config: CloudMonitoringMetrics): Omit<Destination, 'interval'> {
  const api = new GoogleApi(config.endpoint ?? google);
  const path = `/v3/projects/${encodeURIComponent(config.project_id)}/timeSeries`;
  const monitored = monitoredResource(config);
  const counts = new Counts();
  let end = 0;
  return {
    url: `${api.endpoint}${path}`,
    async push(series, { resource, span }) {
      // The last push of a process comes sooner than Google takes one: its time is a little ahead.
      end = Math.max(span.now, end + pace);
      const finite = series.filter(({ value }) => Number.isFinite(value));
      const all = counts
        .of(finite, { start: span.start, now: end })
        .map((point) => timeSeries(point, { resource, monitored, names: config.metric_names }));
      const failed: unknown[] = [];
      for (const part of partsOf(all)) {
        const request = { method: 'POST', path, body: JSON.stringify({ timeSeries: part }) } as const;
        const headers = { 'content-type': 'application/json' };
        // What has not come through now is in the next push, but for gauges, which have another value by then.
        await api
          .send({ ...request, headers, signal: AbortSignal.timeout(patience), attempts: 3 })
          .then((response) => response.body?.cancel())
          .catch((error: unknown) => failed.push(error));
      }
      if (failed.length > 0) throw failed[0];
    },
  };
}

/** A value, and from when to when it counts: milliseconds since 1970. */
export interface Point extends Readonly<Series> {
  /** When it began to rise; absent for a gauge. */
  start?: number;
  end: number;
}

/** Knows from when on each counter counts: one that has begun anew, as where a worker was replaced, has a start of its own. */
export class Counts {
  readonly #known = new Map<string, { value: number; start: number; end: number }>();

  of(all: readonly Readonly<Series>[], { start, now }: Span): Point[] {
    return all.map((series) => {
      if (series.type === 'gauge') return { ...series, end: now };
      const key = JSON.stringify([series.name, series.labels]);
      const before = this.#known.get(key);
      const anew = before !== undefined && series.value < before.value;
      // A counter does not begin when it ends.
      const began = anew ? before.end + 1 : (before?.start ?? Math.min(start, now - 1));
      this.#known.set(key, { value: series.value, start: began, end: now });
      return { ...series, start: began, end: now };
    });
  }
}

export interface MonitoredResource {
  type: string;
  labels: Record<string, string>;
}

/** As Google's JSON has it. */
export interface TimeSeries {
  metric: { type: string; labels: Record<string, string> };
  resource: MonitoredResource;
  metricKind: 'CUMULATIVE' | 'GAUGE';
  valueType: 'DOUBLE';
  points: [{ interval: { startTime?: string; endTime: string }; value: { doubleValue: number } }];
}

/** One point of a series, which `instance` tells apart from those of other processes. */
export function timeSeries(
  { name, labels, value, start, end }: Point,
  about: { resource: Resource; monitored: MonitoredResource; names?: Record<string, string> | undefined },
): TimeSeries {
  const { resource, monitored, names = {} } = about;
  const known = {
    job: resource['service.name'],
    instance: resource['service.instance.id'],
    environment: resource['deployment.environment.name'],
  };
  const named = Object.entries({ ...known, ...labels }).filter((pair): pair is [string, string] => !!pair[1]);
  const interval = { ...(start !== undefined && { startTime: time(start) }), endTime: time(end) };
  return {
    metric: {
      type: metricType(Object.hasOwn(names, name) ? names[name]! : name),
      labels: Object.fromEntries(
        named
          .slice(0, mostLabels)
          .map(([label, text]) => [labelKey(label), text.slice(0, longestValue).toWellFormed()]),
      ),
    },
    resource: monitored,
    metricKind: start === undefined ? 'GAUGE' : 'CUMULATIVE',
    valueType: 'DOUBLE',
    points: [{ interval, value: { doubleValue: value } }],
  };
}

/** Every kind of resource has the project; it need not be said twice. */
function monitoredResource(config: CloudMonitoringMetrics): MonitoredResource {
  const { project_id, monitored_resource_type: type, monitored_resource_labels: given = {} } = config;
  const labels = Object.entries(given).map(([label, text]) => [
    label,
    resolveEnv(text, `the label ${label} of the monitored resource`),
  ]);
  return { type, labels: { project_id, ...Object.fromEntries(labels) } };
}

/** A name with a domain is taken as it is: `workload.googleapis.com/orders`. */
function metricType(name: string): string {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)+\//.test(name) ? name : `custom.googleapis.com/${name}`;
}

/** As Google has names: a letter comes first. */
function labelKey(label: string): string {
  return labelName(label)
    .replace(/^(?![a-zA-Z])/, 'key')
    .slice(0, longestKey);
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function partsOf<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / mostSeries);
  return Array.from({ length: count }, (_, index) => all.slice(index * mostSeries, (index + 1) * mostSeries));
}
