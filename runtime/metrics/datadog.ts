import { resolveEnv } from '../infra/config.ts';
import type { DatadogMetrics } from '../wire.ts';
import { Changes } from './changes.ts';
import type { Destination } from './destination.ts';
import type { Resource } from './otlp.ts';
import { post } from './push.ts';
import type { Series } from './series.ts';

/** Datadog's interface for series, version 2. @param interval seconds */
export function datadog({ site, api_key }: DatadogMetrics, interval: number): Omit<Destination, 'interval'> {
  // One of a test or of a relay is a URL.
  const base = /^https?:\/\//.test(site) ? site.replace(/\/+$/, '') : `https://api.${site}`;
  const url = `${base}/api/v2/series`;
  const key = resolveEnv(api_key, 'the key of Datadog');
  const changes = new Changes();
  return {
    url,
    async push(series, { resource, span }) {
      const body = datadogSeries(changes.of(series), resource, { now: span.now, interval });
      if (body.series.length === 0) return;
      await post(url, { 'content-type': 'application/json', 'dd-api-key': key }, JSON.stringify(body));
      changes.taken(series);
    },
  };
}

export interface DatadogRequest {
  series: {
    metric: string;
    /** 1: how many there were in the interval; 3: how much there is. */
    type: 1 | 3;
    interval?: number;
    /** Seconds since 1970. */
    points: [{ timestamp: number; value: number }];
    tags: string[];
    resources: { type: 'host'; name: string }[];
  }[];
}

/** Counters are what they have gained in the interval. Datadog takes finite numbers alone. */
export function datadogSeries(
  changes: readonly Readonly<Series>[],
  resource: Resource,
  { now, interval }: { now: number; interval: number },
): DatadogRequest {
  const common = {
    app: resource['service.name'],
    env: resource['deployment.environment.name'],
    version: resource['service.version'],
  };
  const instance = resource['service.instance.id'];
  const finite = changes.filter(({ value }) => Number.isFinite(value));
  return {
    series: finite.map(({ name, type, labels, value }) => ({
      metric: name,
      ...(type === 'counter' ? { type: 1, interval } : { type: 3 }),
      points: [{ timestamp: Math.floor(now / 1000), value }],
      tags: Object.entries({ ...common, ...labels }).flatMap(([tag, text]) => (text ? [`${tag}:${text}`] : [])),
      resources: instance === undefined ? [] : [{ type: 'host', name: instance }],
    })),
  };
}
