import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Log } from 'sarif';
import { UserError } from '../analyzer/diagnostic.ts';
import type { Api } from './api.ts';
import { doing, refusalOf } from './api-error.ts';

export interface SarifUpload {
  api: Api;
  owner: string;
  repo: string;
  /** The commit that was analyzed. */
  commit: string;
  /** As GitHub names it: `refs/heads/main`, `refs/pull/7/merge`. */
  ref: string;
  grantedIn?: string;
}

/** Bytes of a log, compressed, that GitHub takes. */
const most = 10 * 1024 * 1024;

/**
 * Hands a log to code scanning, which shows it on the lines. One call. Sent twice it does no harm.
 * @throws UserError FL6110 where code scanning is off, FL6111 when the log is too large
 */
export async function uploadSarif(log: Log, { api, owner, repo, commit, ref, grantedIn }: SarifUpload): Promise<void> {
  const compressed = await promisify(gzip)(JSON.stringify(log));
  if (compressed.length > most) throw tooLarge(compressed.length);
  const what = { what: `upload SARIF to ${owner}/${repo}`, permission: 'security-events: write' };
  await doing({ ...what, ...(grantedIn !== undefined && { grantedIn }) }, async () => {
    try {
      await api.rest.codeScanning.uploadSarif({
        ...{ owner, repo, ref, commit_sha: commit, sarif: compressed.toString('base64'), tool_name: 'Fairlead' },
      });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.status === 413) throw tooLarge(compressed.length);
      if (refusal?.status === 403 && /code (scanning|security)|advanced security/i.test(refusal.message)) {
        throw isOff(`${owner}/${repo}`, error);
      }
      throw error;
    }
  });
}

function isOff(repository: string, cause: unknown): UserError {
  return new UserError(
    {
      code: 'FL6110',
      severity: 'error',
      message: `GitHub: code scanning is off for ${repository}`,
      help: 'Enable it under Settings, Advanced Security (private repositories need GitHub Code Security), or leave the input `sarif` out.',
    },
    { cause },
  );
}

function tooLarge(bytes: number): UserError {
  return new UserError({
    code: 'FL6111',
    severity: 'error',
    message: `GitHub takes no SARIF of ${Math.ceil(bytes / 1024 / 1024)} MB, compressed: at most 10 MB`,
    help: 'Mend some of the errors, which the annotations and the log of the job show, or leave the input `sarif` out.',
  });
}
