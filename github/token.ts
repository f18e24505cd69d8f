import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A token for GitHub's API: of the environment, else the one that `gh` is signed in with. */
export async function findToken(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const given = env.GITHUB_TOKEN || env.GH_TOKEN;
  if (given) return given;
  try {
    const { stdout } = await promisify(execFile)('gh', ['auth', 'token', '--hostname', 'github.com'], {
      env,
      timeout: 10_000,
    });
    return stdout.trim() || undefined;
  } catch {
    // No gh, or nobody is signed in: the same as no token.
    return undefined;
  }
}
