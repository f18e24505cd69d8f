import { doing, refusalOf } from '../../github/api-error.ts';
import { previewLabel } from '../../pipeline/mod.ts';
import type { Runner } from '../runner.ts';

/** Takes the label off a pull request; one that is not there is off. */
export async function withdrawLabel(number: number, { api, run }: Pick<Runner, 'api' | 'run'>): Promise<void> {
  const { owner, name: repo } = run.repository;
  const what = {
    what: `take the label ${previewLabel} off pull request ${number}`,
    permission: 'pull-requests: write',
  };
  await doing(what, async () => {
    try {
      await api.rest.issues.removeLabel({ owner, repo, issue_number: number, name: previewLabel });
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error;
    }
  });
}
