import type { CloudWatchMetrics } from '../wire.ts';
import { Changes } from './changes.ts';
import type { Destination } from './destination.ts';
import type { Resource } from './otlp.ts';
import type { Series } from './series.ts';

/**
 * Metrics as lines of the log in CloudWatch's embedded metric format, from which CloudWatch Logs takes them: no permission, no client
 * and no request are needed.
 */
export function cloudwatch({ namespace }: CloudWatchMetrics): Omit<Destination, 'interval'> {
  const changes = new Changes();
  return {
    url: 'standard output',
    async push(series, { resource, span }) {
      const lines = embeddedMetrics(changes.of(series), resource, { namespace, now: span.now });
      process.stdout.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      changes.taken(series);
    },
  };
}

/** As many labels as a metric may have dimensions, and as many metrics as a line may have. */
const [mostDimensions, mostMetrics] = [30, 100];

/**
 * One line for each set of labels, which are the dimensions; the process itself is none, but said in the line. CloudWatch takes finite
 * numbers alone. @param now milliseconds since 1970
 */
export function embeddedMetrics(
  changes: readonly Readonly<Series>[],
  resource: Resource,
  { namespace, now }: { namespace: string; now: number },
): object[] {
  const finite = changes.filter(({ value }) => Number.isFinite(value));
  const sets = Map.groupBy(finite, ({ labels }) => JSON.stringify(Object.entries(labels).slice(0, mostDimensions)));
  return [...sets].flatMap(([key, series]) => {
    const dimensions = Object.fromEntries((JSON.parse(key) as [string, string][]).filter(([, text]) => text !== ''));
    return partsOf(series).map((part) => ({
      _aws: {
        Timestamp: now,
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [Object.keys(dimensions)],
            Metrics: part.map(({ name, type }) => ({ Name: name, Unit: type === 'counter' ? 'Count' : 'None' })),
          },
        ],
      },
      ...resource,
      ...dimensions,
      ...Object.fromEntries(part.map(({ name, value }) => [name, value])),
    }));
  });
}

function partsOf<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / mostMetrics);
  return Array.from({ length: count }, (_, index) => all.slice(index * mostMetrics, (index + 1) * mostMetrics));
}
