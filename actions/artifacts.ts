import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultArtifactClient } from '@actions/artifact';
import { UserError } from '../pipeline/mod.ts';
import type { Artifacts, Run } from './runner.ts';

/** Days that GitHub keeps a handover; by then the job that follows is long over. */
const retentionDays = 7;

/** GitHub's artifacts, of this run with its own token and of others with the one of the job. */
export function createArtifacts({ repository }: Run, token: string | undefined): Artifacts {
  const client = new DefaultArtifactClient();
  return {
    async upload(name, directory) {
      const files = await filesIn(directory);
      // A job that runs again finds what it has left the first time. Mostly there is nothing; what cannot be removed, the upload tells.
      await client.deleteArtifact(name).catch(() => {});
      // Images are compressed already.
      const { id } = await client.uploadArtifact(name, files, directory, { retentionDays, compressionLevel: 0 });
      if (id === undefined) throw new Error(`the artifact ${name} was uploaded and has no id`);
      return { id };
    },
    async download(name, directory, from) {
      await mkdir(directory, { recursive: true });
      const findBy = from && {
        token: token ?? '',
        workflowRunId: from.run,
        repositoryOwner: repository.owner,
        repositoryName: repository.name,
      };
      const id = from?.id ?? (await idOf(client, name));
      const { digestMismatch } = await client.downloadArtifact(id, {
        path: directory,
        ...(findBy && { findBy }),
        ...(from && { expectedHash: from.digest }),
      });
      if (digestMismatch) throw exchanged(name);
    },
  };
}

async function idOf(client: DefaultArtifactClient, name: string): Promise<number> {
  try {
    return (await client.getArtifact(name)).artifact.id;
  } catch (error) {
    if ((error as Error).name !== 'ArtifactNotFoundError') throw error;
    throw new UserError(
      {
        code: 'FL6031',
        severity: 'error',
        message: `this run has no artifact ${name}`,
        help: 'Artifacts are kept for some days, and one belongs to one `directory`: give both jobs the same, and run all jobs again, not the failed ones alone.',
      },
      { cause: error },
    );
  }
}

function exchanged(name: string): UserError {
  return new UserError({
    code: 'FL6033',
    severity: 'error',
    message: `the artifact ${name} is not what GitHub keeps under its digest`,
    help: 'Nothing was put up. Run the workflow again, with the job that builds.',
  });
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
