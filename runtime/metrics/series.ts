import { application } from '../internal/application.ts';
import { currentRequest } from '../request.ts';

/** By name; numbers count without their fraction. `service` is added. */
export type Labels = Record<string, string | number | boolean>;

/** The value of one metric for one set of labels. */
export interface Series {
  name: string;
  type: 'counter' | 'gauge';
  labels: Record<string, string>;
  value: number;
}

/** Undefined while nobody exports metrics: then nothing is counted. */
let all: Map<string, Series> | undefined;

/** From now on the values of this process are kept, or no longer. */
export function collectMetrics(on: boolean): void {
  if (!on) all = undefined;
  else all ??= new Map();
}

/** The values of this process, for whoever exports them. */
export function metricSeries(): Iterable<Readonly<Series>> {
  return all?.values() ?? [];
}

/** The series of a metric for the service that records it; undefined when no service can be told, or nobody would read it. */
export function seriesOf(type: Series['type'], name: string, labels: Labels): Series | undefined {
  if (!all) return undefined;
  const service = recordingService();
  return service === undefined ? undefined : seriesWith(all, type, name, { ...labels, service });
}

/** One series for each name and set of labels; gauges are added up as counters are. */
export function sumOf(parts: Iterable<Iterable<Readonly<Series>>>): Series[] {
  const sums = new Map<string, Series>();
  for (const part of parts)
    for (const one of part) {
      const key = keyOf(one.name, Object.entries(one.labels));
      const sum = sums.get(key);
      if (sum) sum.value += one.value;
      else sums.set(key, { ...one });
    }
  return [...sums.values()];
}

/** Counts a call of an endpoint: `ok`, or the code of its error. */
export function countRequest(service: string, endpoint: string, code: string): void {
  if (all) seriesWith(all, 'counter', 'e_requests_total', { service, endpoint, code }).value++;
}

function seriesWith(series: Map<string, Series>, type: Series['type'], name: string, labels: Labels): Series {
  const texts = Object.entries(labels)
    .map(([label, value]): [string, string] => [label, textOf(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const key = keyOf(name, texts);
  const known = series.get(key);
  if (known) return known;
  const made: Series = { name, type, labels: Object.fromEntries(texts), value: 0 };
  series.set(key, made);
  return made;
}

/** Of labels in their order. */
function keyOf(name: string, labels: [string, string][]): string {
  return JSON.stringify([name, labels]);
}

function textOf(value: string | number | boolean): string {
  return String(typeof value === 'number' ? Math.floor(value) : value);
}

/** The service of the current request; outside of one, the service of the process if it hosts only one. */
function recordingService(): string | undefined {
  const request = currentRequest();
  if (request) return request.type === 'api-call' ? request.api.service : request.service;
  const hosted = application()?.hosted ?? [];
  return hosted.length === 1 ? hosted[0] : undefined;
}
