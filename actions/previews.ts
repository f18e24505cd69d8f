import type { Deployed, Target } from '../pipeline/mod.ts';
import type { Run } from './runner.ts';

/** A preview that exists. */
export type Preview = Deployed & { environment: Deployed['environment'] & { pullRequest: number } };

/** The previews that this repository has put up, of all its applications, by number. */
export async function previewsOf(target: Target, { repository }: Pick<Run, 'repository'>): Promise<Preview[]> {
  const own = `${repository.owner}/${repository.name}`.toLowerCase();
  return (await target.list())
    .filter((one): one is Preview => one.environment.type === 'preview' && one.environment.pullRequest !== undefined)
    .filter((one) => one.repository?.toLowerCase() === own)
    .sort((a, b) => a.environment.pullRequest - b.environment.pullRequest);
}
