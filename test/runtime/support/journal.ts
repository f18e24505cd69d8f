import { existsSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { AppProcess } from './process.ts';

/** What a subscription of `worker.ts` wrote down. */
export interface Entry {
  pid: number;
  what: string;
  id: string;
  at: boolean;
  attempt: number;
  running: number;
  trace: string;
}

/** In the order in which they were written. @param what of this kind only */
export function readJournal(path: string, what?: string): Entry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const all = lines.map((line) => JSON.parse(line) as Entry);
  return what === undefined ? all : all.filter((entry) => entry.what === what);
}

/** Has `worker.ts` publish a job. @returns the message's id, and the trace that it was published in */
export async function publishJob(
  app: AppProcess,
  job: Record<string, unknown>,
): Promise<{ id: string; trace: string | null }> {
  const body = JSON.stringify({ at: new Date(), ...job });
  const response = await fetch(`${app.url}/jobs`, { method: 'POST', body });
  const { id } = (await response.json()) as { id: string };
  expect([response.status, id]).toEqual([200, expect.any(String)]);
  return { id, trace: response.headers.get('x-encore-trace-id') };
}
