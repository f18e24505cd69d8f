import { gzipSync } from 'node:zlib';
import { doing } from '../github/api-error.ts';
import type { Runner } from './runner.ts';

/** Shows a log of SARIF in the repository's code scanning. @throws UserError FL6102 without `security-events: write` */
export async function uploadSarif(log: object, { api, run }: Pick<Runner, 'api' | 'run'>): Promise<void> {
  const { owner, name: repo } = run.repository;
  const sarif = gzipSync(JSON.stringify(log)).toString('base64');
  const what = { what: `upload findings to code scanning of ${owner}/${repo}`, permission: 'security-events: write' };
  await doing({ ...what, grantedIn: `the job in ${run.workflow}` }, () =>
    api.rest.codeScanning.uploadSarif({ owner, repo, commit_sha: run.sha, ref: run.ref, sarif }),
  );
}
