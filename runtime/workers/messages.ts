import type { Series } from '../metrics/series.ts';

/** What the leading process tells a worker. */
export type ToWorker =
  /** Finish what is at hand, and end. */
  | { fairlead: 'stop' }
  /** Say what you have counted. */
  | { fairlead: 'report' };

/** What a worker tells the leading process. */
export type FromWorker =
  | ({ fairlead: 'started' } & Started)
  /** What it has counted so far: as an answer, and once more before it ends. */
  | { fairlead: 'counted'; series: Series[] };

/** What the log says of a started application. */
export interface Started {
  port: number;
  services: string[];
  gateway: boolean;
}

/** Resolves when the message is on its way, so that whoever then ends does not cut it off. */
export function tellLeader(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    // One that is gone needs no telling: the worker ends by itself.
    if (process.connected && process.send) process.send(message, () => resolve());
    else resolve();
  });
}
