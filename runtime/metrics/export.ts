import { observeCalls } from '../internal/observe.ts';
import { resourceOf } from '../internal/resource.ts';
import type { InfraConfig } from '../wire.ts';
import { destinationsOf } from './destination.ts';
import { pushEvery } from './push.ts';
import { serveMetrics } from './scrape.ts';
import { collectMetrics, countRequest, metricSeries, type Series, sumOf } from './series.ts';
import { formatText } from './text.ts';

export interface ExportOptions {
  config: InfraConfig;
  /** The services of this process. */
  services: readonly string[];
  /** Where metrics are asked for, as `HOST` has it. */
  address: string;
  /** Of `address`; absent: nobody asks. */
  port?: string | undefined;
  /** What other processes have counted. @default there are none */
  others?: () => Promise<Iterable<Readonly<Series>>>;
}

export interface Exporting {
  /** Where metrics are asked for. */
  port?: number;
  stop(): Promise<void>;
}

/** Begins to count, and lets the values out: to whoever asks at the port, and to the collectors that the configuration names. */
export async function exportMetrics({ config, services, address, port, others }: ExportOptions): Promise<Exporting> {
  const start = Date.now();
  const own = () => [...metricSeries(), memorySeries(services)];
  const all = async () => (others ? sumOf([own(), await others()]) : own());
  const scraped = port ? await serveMetrics(address, port, async () => formatText(await all())) : undefined;
  collectMetrics(true);
  observeCalls(countRequest);
  const resource = resourceOf(config);
  const pushing = (await destinationsOf(config)).map(({ url, interval, push }) =>
    pushEvery(interval * 1000, url, async () => push(await all(), { resource, span: { start, now: Date.now() } })),
  );
  return {
    ...(scraped && { port: scraped.port }),
    async stop() {
      observeCalls(undefined);
      await Promise.all([scraped?.stop(), ...pushing.map((one) => one.stop())]);
      collectMetrics(false);
    },
  };
}

/** Of the whole process: it has the label `service` when there is one only. */
export function memorySeries(services: readonly string[]): Series {
  const [service, ...others] = services;
  const labels = service !== undefined && others.length === 0 ? { service } : {};
  return { name: 'e_sys_memory_used_bytes', type: 'gauge', labels: { ...labels }, value: process.memoryUsage.rss() };
}
