import { UserError } from '../analyzer/diagnostic.ts';
import type { Deployment, Ports } from './ports.ts';

/** What a history says of an action, whatever becomes of it. */
export type Entry = Omit<Deployment, 'status' | 'at'>;

type Recorder = Pick<Ports, 'forge' | 'clock' | 'report'>;

/** Writes one line of the environment's history. */
export async function record(
  entry: Entry,
  status: Deployment['status'],
  { forge, clock }: Pick<Ports, 'forge' | 'clock'>,
): Promise<void> {
  await forge.record({ ...entry, status, at: clock.now().toISOString() });
}

/** Does the work; when it fails, that goes into the history with why, and the error on to the caller. */
export async function recordingFailure<T>(entry: Entry, ports: Recorder, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    try {
      const reason = entry.reason ?? (error instanceof UserError ? error.diagnostics[0]?.message : undefined);
      await record({ ...entry, ...(reason !== undefined && { reason }) }, 'failure', ports);
    } catch (second) {
      // The first error is the one that matters.
      ports.report.warn(`The failure could not be recorded: ${second instanceof Error ? second.message : second}`);
    }
    throw error;
  }
}
