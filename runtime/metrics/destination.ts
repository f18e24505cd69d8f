import { StartError } from '../infra/error.ts';
import type { InfraConfig, MetricsBackend } from '../wire.ts';
import type { Resource, Span } from './otlp.ts';
import type { Series } from './series.ts';

/** Where metrics are pushed to. */
export interface Destination {
  /** For the log: without what is secret. */
  url: string;
  /** Seconds between two pushes. */
  interval: number;
  push(series: readonly Readonly<Series>[], about: { resource: Resource; span: Span }): Promise<void>;
}

/** Seconds. */
const defaultInterval = 60;

/** Those that the configuration names. What a destination needs is loaded when there is one. */
export async function destinationsOf({ fairlead, metrics }: InfraConfig): Promise<Destination[]> {
  const all: Destination[] = [];
  if (fairlead?.telemetry) {
    const { otlp, interval = defaultInterval } = fairlead.telemetry;
    all.push({ interval, ...(await import('./collector.ts')).collector(otlp) });
  }
  if (metrics) {
    const interval = metrics.collection_interval ?? defaultInterval;
    all.push({ interval, ...(await backendOf(metrics, interval)) });
  }
  return all;
}

async function backendOf(metrics: MetricsBackend, interval: number): Promise<Omit<Destination, 'interval'>> {
  switch (metrics.type) {
    case 'prometheus':
      return (await import('./remote-write.ts')).remoteWrite(metrics);
    case 'datadog':
      return (await import('./datadog.ts')).datadog(metrics, interval);
    case 'aws_cloudwatch':
      return (await import('./cloudwatch.ts')).cloudwatch(metrics);
    case 'gcp_cloud_monitoring':
      return (await import('./cloud-monitoring.ts').catch(notThere)).cloudMonitoring(metrics);
  }
}

/** Only images of applications that declare metrics have the client of Google, which is large. */
function notThere(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  throw new StartError(
    'FL6008',
    'the configuration names metrics gcp_cloud_monitoring, which this image has no code for, since the application declares no metric',
    'Declare one, such as `new Counter(…)`, or let a collector of OTLP pass metrics on: `fairlead.telemetry`.',
  );
}
