import type { Series } from './series.ts';

/** What is said of the process in each push: attributes of its resource, by name. */
export type Resource = Record<string, string>;

/** From when on counters count, and when they had these values: milliseconds since 1970. */
export interface Span {
  start: number;
  now: number;
}

/** The body of `POST /v1/metrics` in OTLP/HTTP with JSON: counters as sums since the start, gauges as they are. */
export function metricsRequest(series: Iterable<Readonly<Series>>, resource: Resource, span: Span): object {
  const metrics = [...Map.groupBy(series, ({ name }) => name)].map(([name, values]) => {
    const dataPoints = values.map((one) => dataPoint(one, span));
    return values[0]!.type === 'counter'
      ? { name, sum: { aggregationTemporality: cumulative, isMonotonic: true, dataPoints } }
      : { name, gauge: { dataPoints } };
  });
  const scopeMetrics = [{ scope: { name: 'fairlead' }, metrics }];
  return { resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics }] };
}

/** `AGGREGATION_TEMPORALITY_CUMULATIVE`: a push that is lost takes nothing with it. */
const cumulative = 2;

function dataPoint({ labels, value }: Readonly<Series>, { start, now }: Span): object {
  return {
    attributes: attributes(labels),
    startTimeUnixNano: nanoseconds(start),
    timeUnixNano: nanoseconds(now),
    // In JSON for Protocol Buffers these are words.
    asDouble: Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity',
  };
}

function attributes(texts: Record<string, string>): object[] {
  return Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** As text, since a number in JSON has not the digits. */
function nanoseconds(milliseconds: number): string {
  return `${milliseconds}000000`;
}
