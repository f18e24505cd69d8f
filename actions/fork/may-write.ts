import { doing, refusalOf } from '../../github/api-error.ts';
import type { Runner } from '../runner.ts';

/** Whether somebody may write to the repository, as GitHub says it now. */
export async function mayWrite(login: string, { api, run }: Pick<Runner, 'api' | 'run'>): Promise<boolean> {
  const { owner, name: repo } = run.repository;
  if (login === '') return false;
  return doing({ what: `see what ${login} may do in ${owner}/${repo}`, permission: 'contents: read' }, async () => {
    try {
      const { data } = await api.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username: login });
      return data.permission === 'admin' || data.permission === 'write';
    } catch (error) {
      if (refusalOf(error)?.status === 404) return false;
      throw error;
    }
  });
}
