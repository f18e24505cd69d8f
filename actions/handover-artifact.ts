import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '../pipeline/mod.ts';
import { remoteApplication } from './remote-application.ts';
import type { ArtifactOrigin, Handover, Runner } from './runner.ts';

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

/** Where an application's handover lies on the runner. */
export function handoverDirectory(directory: string, { run }: Pick<Runner, 'run'>): string {
  return join(run.temp, handoverArtifact(directory));
}

/** What is known of a handover before it is there. */
export interface Expected {
  /** Its digest, as the job that built it said. */
  digest?: string;
  /** Another run that has built it, and its artifact there, whose digest GitHub keeps. */
  from?: ArtifactOrigin;
  /** What it was built from, as this job knows it. */
  commit: string;
}

/** What the job that builds has handed over. */
export async function receiveHandover(
  directory: string,
  { from, digest, commit }: Expected,
  runner: Runner,
): Promise<Handover> {
  const to = handoverDirectory(directory, runner);
  return runner.report.step('Take over what was built', async () => {
    await runner.artifacts.download(handoverArtifact(directory), to, from);
    const handover = await runner.handovers.open(to, { commit, ...(digest !== undefined && { digest }) });
    // What ran while it was built can have written all of it: which application this job may touch, the sources say.
    const { name } = await remoteApplication(from ? commit : runner.run.sha, directory, runner);
    if (handover.application !== name) throw ofAnother(handover.application, name, directory);
    return handover;
  });
}

function ofAnother(found: string, wanted: string, directory: string): UserError {
  return new UserError({
    code: 'FL6204',
    severity: 'error',
    message: `the handover is of the application ${JSON.stringify(found)}, and in \`${directory}\` lies ${JSON.stringify(wanted)}`,
    help: 'Nothing was put up. Something that ran while it was built has exchanged it: look at the packages and the build hooks of this commit.',
  });
}
