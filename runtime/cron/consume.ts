import { openSqs, QueueConsumer } from '../aws/queue.ts';
import type { Host } from '../internal/host.ts';
import log from '../log/mod.ts';
import type { Consumer } from '../pubsub/provider.ts';
import type { CronQueue, CronWake } from '../wire.ts';
import { report, runJob } from './run.ts';

/** Jobs that run at once in one process. */
const concurrency = 100;

/** After so long another process takes over from one that died. Milliseconds. */
const deadline = 60_000;

/**
 * Runs the cron jobs of this process when their wakes come in. A run that fails is over, as is one that ends well; only when the
 * process dies in the middle does it begin again, elsewhere.
 */
export function consumeWakes(host: Host, { url }: CronQueue): Consumer {
  const client = openSqs(url);
  const running = new Set<string>();
  const consumer = new QueueConsumer(client, {
    url,
    about: { queue: 'cron' },
    ...{ deadline, concurrency, extend: true },
    handle: async ({ body }) => {
      const wake = parse(body);
      if (!wake) {
        log.error('a message that wakes no cron job was dropped');
        return 'done';
      }
      const key = JSON.stringify([wake.cron_job, wake.run]);
      // A queue may give a message twice.
      if (running.has(key)) return { again: deadline };
      running.add(key);
      const ended = await runJob(host, wake).finally(() => running.delete(key));
      report(wake, ended);
      return 'done';
    },
  });
  return { stop: () => consumer.stop().finally(() => client.destroy()) };
}

function parse(body: string): CronWake | undefined {
  try {
    const { cron_job, run } = JSON.parse(body) as Partial<CronWake>;
    return typeof cron_job === 'string' && typeof run === 'string' ? { cron_job, run } : undefined;
  } catch {
    return undefined;
  }
}
