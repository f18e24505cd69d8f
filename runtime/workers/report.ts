import { observeCalls } from '../internal/observe.ts';
import { type Exporting, memorySeries } from '../metrics/export.ts';
import { collectMetrics, countRequest, metricSeries } from '../metrics/series.ts';
import { type ToWorker, tellLeader } from './messages.ts';

/** Counts in this worker, and tells the leading process how much when it asks, and at the end. */
export function reportMetrics(services: readonly string[]): Exporting {
  collectMetrics(true);
  observeCalls(countRequest);
  const report = (): Promise<void> =>
    tellLeader({ fairlead: 'counted', series: [...metricSeries(), memorySeries(services)] });
  const onMessage = ({ fairlead }: ToWorker): void => {
    if (fairlead === 'report') void report();
  };
  process.on('message', onMessage);
  return {
    async stop() {
      process.off('message', onMessage);
      await report();
      observeCalls(undefined);
      collectMetrics(false);
    },
  };
}
