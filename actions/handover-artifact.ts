import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Handover, Runner } from './runner.ts';

/** The name of the artifact that an application's build is handed over by; no two directories have the same. */
export function handoverArtifact(directory: string): string {
  const slug =
    directory
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'root';
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  const exact = directory === '.' || slug === directory;
  return `fairlead-handover-${exact ? slug : `${slug.slice(0, 60)}-${hash}`}`;
}

/** Where a handover lies on the runner. */
export function handoverDirectory({ run }: Pick<Runner, 'run'>): string {
  return join(run.temp, 'fairlead-handover');
}

/**
 * What the job that builds has handed over.
 * @param expected its digest as that job said, and the commit it was built from as this job knows it
 */
export async function receiveHandover(
  directory: string,
  expected: { digest: string; commit: string },
  runner: Runner,
): Promise<Handover> {
  const to = handoverDirectory(runner);
  return runner.report.step('Take over what was built', async () => {
    await runner.artifacts.download(handoverArtifact(directory), to);
    return runner.handovers.open(to, expected);
  });
}
