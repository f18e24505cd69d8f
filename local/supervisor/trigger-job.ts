import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { sign } from '../signature.ts';
import type { TriggerResult } from './protocol.ts';

/** Runs a cron job in the process that hosts it, as a signed call, and waits for its end however long it takes. */
export async function triggerJob(port: number, job: string, key: string): Promise<TriggerResult> {
  const path = `/__fairlead/cron/${encodeURIComponent(job)}`;
  try {
    const { status, body } = await post(port, path, sign({ method: 'POST', path, body: '' }, key, new Date()));
    return status < 400 ? { ok: true } : failed(job, `status ${status}: ${body.slice(0, 1000)}`);
  } catch (error) {
    return failed(job, (error as Error).message);
  }
}

function failed(job: string, why: string): TriggerResult {
  return { ok: false, reason: 'failed', message: `the cron job ${job} failed: ${why}` };
}

function post(port: number, path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false, headers }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 500, body }), reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
