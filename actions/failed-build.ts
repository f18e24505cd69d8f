import { type Builder, UserError } from '../pipeline/mod.ts';
import type { Run } from './runner.ts';

/** How the job that builds has ended, as GitHub says it to the job that needs it. */
export const buildResults = ['success', 'failure'] as const;

/**
 * In place of a build that failed in its own job: the pull request is told by whoever wanted to bring it up, if it is still wanted.
 * Its builds throw FL6034.
 */
export function failedBuild({ url }: Pick<Run, 'url'>): Builder {
  return {
    async build() {
      throw new UserError({
        code: 'FL6034',
        severity: 'error',
        message: 'this commit could not be built',
        help: `See the job that builds, in ${url}. What ran before goes on running.`,
      });
    },
  };
}
