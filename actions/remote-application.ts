import { posix } from 'node:path';
import { applicationName } from '../analyzer/application-name.ts';
import { apiError } from '../github/api-error.ts';
import { type Config, parseConfig, UserError } from '../pipeline/mod.ts';
import type { Runner } from './runner.ts';

interface RemoteApplication {
  name: string;
  /** What its `fairlead.json` says; who needs the name alone is not kept from it. @throws UserError for whatever is wrong with it */
  config(): Config;
}

/**
 * An application at a commit, read from GitHub: jobs with credentials check nothing out.
 * @param directory in the repository
 * @throws UserError FL6023 when there is no application at that place
 */
export async function remoteApplication(
  commit: string,
  directory: string,
  { api, run }: Pick<Runner, 'api' | 'run'>,
): Promise<RemoteApplication> {
  const { owner, name: repo } = run.repository;
  const read = async (file: string): Promise<[string, string | undefined]> => {
    const path = posix.join(directory, file);
    try {
      const { data } = await api.rest.repos.getContent({ owner, repo, path, ref: commit });
      if (Array.isArray(data) || data.type !== 'file' || !('content' in data)) return [file, undefined];
      return [file, Buffer.from(data.content, 'base64').toString('utf8')];
    } catch (error) {
      if ((error as { status?: number }).status === 404) return [file, undefined];
      throw apiError(error, { what: `read ${path} of ${owner}/${repo}`, permission: 'contents: read' });
    }
  };
  const texts = new Map(await Promise.all(['package.json', 'encore.app', 'fairlead.json'].map(read)));
  if (texts.get('package.json') === undefined) throw noApplication(directory, commit);
  // As the directory of a checkout is called, where nothing else names it.
  const root = posix.join('/', repo, directory);
  const disk = { read: (path: string) => texts.get(posix.relative(root, path)) };
  return {
    name: applicationName(root, disk),
    config: () => parseConfig(texts.get('fairlead.json') ?? '{}', 'fairlead.json'),
  };
}

function noApplication(directory: string, commit: string): UserError {
  return new UserError({
    code: 'FL6023',
    severity: 'error',
    message: `there is no application in \`${directory}\` at ${commit.slice(0, 12)}: it has no package.json`,
    help: 'Set `directory:` in the workflow to the directory with the package.json of the application. If it is there, grant `contents: read`.',
  });
}
