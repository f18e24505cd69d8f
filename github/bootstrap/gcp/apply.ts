import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Reporter } from '../../../pipeline/ports.ts';
import { setupError } from '../../setup-error.ts';
import { type GcpTrust, numberCommand, projectNumber, type Step } from './commands.ts';

/** Runs `gcloud` with these arguments and gives what it prints. Throws what `execFile` does. */
export type Gcloud = (args: readonly string[]) => Promise<string>;

export const gcloud: Gcloud = async (args) => {
  const { stdout } = await promisify(execFile)('gcloud', [...args, '--quiet'], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
};

/**
 * Brings the trust about, one step after the other; again changes nothing but the condition of the provider.
 * @returns the trust with the project's number filled in
 * @throws UserError FL6310 without gcloud, FL6311 when it fails
 */
export async function applyTrust(trust: GcpTrust, project: string, run: Gcloud, report: Reporter): Promise<GcpTrust> {
  const number = await attempt(run, numberCommand(project));
  if (!/^\d+$/.test(number))
    throw setupError('FL6311', `gcloud knows no number of the project ${project}`, 'Look at the id of the project.');
  const fill = (text: string) => text.replaceAll(projectNumber, number);
  for (const step of trust.steps) {
    await report.step(step.title, () => converge(run, step, fill));
  }
  return { ...trust, provider: fill(trust.provider) };
}

async function converge(run: Gcloud, { exists, create, update }: Step, fill: (text: string) => string): Promise<void> {
  const isThere = exists !== undefined && (await succeeds(run, exists.map(fill)));
  if (isThere && update === undefined) return;
  await attempt(run, ((isThere && update) || create).map(fill));
}

async function succeeds(run: Gcloud, args: readonly string[]): Promise<boolean> {
  try {
    await run(args);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noGcloud(error);
    // Not there, or not to be seen: what follows says which.
    return false;
  }
}

async function attempt(run: Gcloud, args: readonly string[]): Promise<string> {
  try {
    return await run(args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noGcloud(error);
    const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
    const why = /^ERROR: .*$/m.exec(stderr)?.[0] ?? (stderr.trim() || message);
    throw setupError(
      'FL6311',
      `gcloud ${args.slice(0, 4).join(' ')} failed: ${why}`,
      'Sign in with `gcloud auth login` as somebody who may do it, and run the command again: it continues. A pool that was deleted keeps its name for 30 days; `gcloud iam workload-identity-pools undelete` brings it back.',
      error,
    );
  }
}

function noGcloud(cause: unknown) {
  return setupError(
    'FL6310',
    'gcloud is not installed',
    'Install the Google Cloud CLI, or run the printed commands where it is: leave --apply out.',
    cause,
  );
}
