import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Why there is none on this machine; undefined when there is. In CI it has to be there. */
export const prometheusAbsent: string | undefined =
  process.env.CI !== undefined || spawnSync('prometheus', ['--version']).status === 0
    ? undefined
    : 'prometheus is not installed';

export interface TestPrometheus {
  /** Where it takes remote write. */
  url: string;
  /** What a query gives now. */
  query(query: string): Promise<{ labels: Record<string, string>; value: string }[]>;
  stop(): Promise<void>;
}

interface Answer {
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

/** A throw-away Prometheus on a free loopback port, which asks nobody. */
export async function startPrometheus(): Promise<TestPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-prometheus-'));
  const address = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(directory, 'prometheus.yml'), '{}\n');
  const args = [
    ...[`--config.file=${join(directory, 'prometheus.yml')}`, `--storage.tsdb.path=${join(directory, 'data')}`],
    ...[`--web.listen-address=${address}`, '--web.enable-remote-write-receiver', '--log.level=error'],
  ];
  const child: ChildProcess = spawn('prometheus', args, { stdio: 'ignore' });
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const { ok } = await fetch(`http://${address}/-/ready`).catch(() => ({ ok: false }));
    if (ok) break;
    if (child.exitCode !== null || Date.now() > end) throw new Error('prometheus did not start');
  }
  return {
    url: `http://${address}/api/v1/write`,
    async query(query) {
      const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data } = (await response.json()) as Answer;
      return data.result.map(({ metric, value }) => ({ labels: metric, value: value[1] }));
    },
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
