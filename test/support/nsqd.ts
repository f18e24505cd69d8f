import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Where `.ci/install-peers` puts it. */
const program = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fairlead/test/nsqd-1.3.0/bin/nsqd');

/** Why there is none on this machine; undefined when there is. In CI it has to be there. */
export const nsqdAbsent: string | undefined =
  existsSync(program) || process.env.CI !== undefined ? undefined : 'nsqd is not installed: run .ci/install-peers';

export interface TestNsqd {
  /** `127.0.0.1:PORT` of its TCP protocol. */
  host: string;
  /** What a channel has waiting, put off and out; undefined where there is no such channel. */
  channel(topic: string, channel: string): Promise<{ waiting: number; deferred: number; out: number } | undefined>;
  /** Publishes what is no message of ours. */
  publish(topic: string, body: string): Promise<void>;
  /** SIGTERM has it keep everything on its disk, SIGKILL is a crash. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Again, at the same ports and with what it has kept. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Stats {
  topics: {
    channels: { channel_name: string; depth: number; in_flight_count: number; deferred_count: number }[];
  }[];
}

/** A throw-away nsqd on free loopback ports. */
export async function startNsqd(): Promise<TestNsqd> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-nsqd-'));
  const [tcp, http] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const args = [
    ...[`--tcp-address=${tcp}`, `--http-address=${http}`, `--data-path=${directory}`],
    ...['--broadcast-address=127.0.0.1', '--log-level=fatal'],
  ];
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(program, args, { stdio: 'ignore' });
    for (const end = Date.now() + 20_000; ; await sleep(20)) {
      const { ok } = await fetch(`http://${http}/ping`).catch(() => ({ ok: false }));
      if (ok) return;
      if (child.exitCode !== null || Date.now() > end) throw new Error('nsqd did not start');
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  await start();
  return {
    host: tcp,
    start,
    end,
    async channel(topic, channel) {
      const response = await fetch(`http://${http}/stats?format=json&topic=${topic}&channel=${channel}`);
      const { topics } = (await response.json()) as Stats;
      const found = topics[0]?.channels.find(({ channel_name }) => channel_name === channel);
      return found && { waiting: found.depth, deferred: found.deferred_count, out: found.in_flight_count };
    },
    async publish(topic, body) {
      const { ok } = await fetch(`http://${http}/pub?topic=${topic}`, { method: 'POST', body });
      if (!ok) throw new Error(`nsqd does not take a message for ${topic}`);
    },
    async stop() {
      await end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
