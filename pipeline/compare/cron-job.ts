import type { CronJob } from '../../analyzer/mod.ts';

export function cronDifferences(before: CronJob, after: CronJob): string[] {
  const found: string[] = [];
  if (scheduleOf(before) !== scheduleOf(after))
    found.push(`runs ${scheduleOf(after)} instead of ${scheduleOf(before)}`);
  const [a, b] = [before, after].map(({ endpoint }) => `${endpoint.service}.${endpoint.endpoint}`);
  if (a !== b) found.push(`calls ${b} instead of ${a}`);
  return found;
}

function scheduleOf({ when }: CronJob): string {
  return 'every' in when ? `every ${when.every / 60_000} min` : `at ${when.schedule}`;
}
