import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Builder,
  type Config,
  type Diagnostic,
  parseConfig,
  type Release,
  UserError,
} from '../../pipeline/mod.ts';
import { digestOf } from '../oci/descriptor.ts';
import { copyAll, type Layout, type Repository } from '../oci/repository/mod.ts';
import { createReleaseRegistry } from '../release/mod.ts';
import { verifyRelease } from '../release/verify.ts';
import { fileLimit, files, type HandoverManifest, parseManifest } from './manifest.ts';
import { handoverLayout } from './write.ts';

/** What another job has built, after all of it was looked at. */
export interface Handover {
  application: string;
  release: Release;
  config: Config;
  /** Has the release and its images, without the layers of their base. */
  layout: Layout;
}

export interface OpenHandoverOptions {
  /** Of `handover.json`, as the job that built it said. */
  digest: string;
  /** What it was built from, as this job knows it. @default what the build says itself, which is hearsay */
  commit?: string | undefined;
}

/**
 * Opens a handover that came from a job where anything may have run: nothing of it is believed that its digest does not
 * vouch for, and nothing of it is run.
 * @throws UserError FL6201 when it is not there or not complete, FL6202 when it is not the one that was announced, FL6203
 * when it does not fit together, and whatever is wrong with its `fairlead.json`
 */
export async function openHandover(directory: string, { digest, commit }: OpenHandoverOptions): Promise<Handover> {
  await refuseLinks(directory);
  const manifest = await readManifest(directory, digest);
  const config = await readConfig(directory, manifest);
  const layout = handoverLayout(directory);
  const release = await readRelease(layout, manifest);
  const { graph } = release.content;
  if (graph.application !== manifest.application) {
    throw mismatch(
      `its release is of ${JSON.stringify(graph.application)}, not of ${JSON.stringify(manifest.application)}`,
    );
  }
  const source = commit === undefined ? release.source : { ...release.source, commit };
  return { application: manifest.application, release: { ...release, source }, config, layout };
}

/** The port of a job that puts up what another has built: brings the images to where the target looks for them. */
export function handoverBuilder({ layout, release }: Handover, to: Repository): Builder {
  return {
    async build(_root, _config, report) {
      const images = Object.values(release.content.images);
      await report.step('Take over images', () => copyAll(layout, to, images, { referrers: true, mend: true }));
      return release;
    },
  };
}

/** A link could lead to what only this job may read. */
async function refuseLinks(directory: string): Promise<void> {
  let entries: { isFile(): boolean; isDirectory(): boolean; name: string }[];
  try {
    entries = await readdir(directory, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw absent(`${directory} cannot be read`, error);
  }
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd) throw mismatch(`${JSON.stringify(odd.name)} in it is neither a file nor a directory`);
}

async function readManifest(directory: string, digest: string): Promise<HandoverManifest> {
  const bytes = await readSmall(directory, files.manifest);
  if (digestOf(bytes) !== digest) throw otherThanAnnounced(files.manifest, digest, digestOf(bytes));
  const manifest = parseManifest(bytes.toString());
  if (!manifest) throw mismatch(`its ${files.manifest} is not what this version of Fairlead writes`);
  return manifest;
}

async function readConfig(directory: string, { config }: HandoverManifest): Promise<Config> {
  if (config === undefined) return parseConfig('{}', files.config);
  const bytes = await readSmall(directory, files.config);
  if (digestOf(bytes) !== config) throw otherThanAnnounced(files.config, config, digestOf(bytes));
  return parseConfig(bytes.toString(), files.config);
}

async function readRelease(layout: Layout, { release: digest }: HandoverManifest): Promise<Release> {
  const { problems } = await verifyRelease(layout, digest);
  if (problems.length > 0) throw new UserError(problems);
  const release = await createReleaseRegistry(layout).get(digest);
  if (!release) throw mismatch(`it has no release ${digest}`);
  return release;
}

async function readSmall(directory: string, name: string): Promise<Buffer> {
  const path = join(directory, name);
  try {
    if ((await stat(path)).size > fileLimit) throw mismatch(`its ${name} has more than ${fileLimit} bytes`);
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw absent(`it has no ${name}`, error);
    throw error;
  }
}

function absent(why: string, cause: unknown): UserError {
  return refusal(
    'FL6201',
    `the handover is not there: ${why}`,
    'Run the whole workflow again, with the job that builds.',
    cause,
  );
}

function otherThanAnnounced(name: string, wanted: string, found: string): UserError {
  return refusal(
    'FL6202',
    `${name} of the handover is ${found}, and the job that built it announced ${wanted}`,
    'Something exchanged it between the jobs: find out what writes artifacts in this workflow. Nothing was put up.',
  );
}

function mismatch(why: string): UserError {
  return refusal(
    'FL6203',
    `the handover does not fit together: ${why}`,
    'Run the whole workflow again. If it stays, the code that runs while building writes into the handover.',
  );
}

function refusal(code: Diagnostic['code'], message: string, help: string, cause?: unknown): UserError {
  return new UserError({ code, severity: 'error', message, help }, cause === undefined ? undefined : { cause });
}
