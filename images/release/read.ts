import type { Digest, ReleaseContent } from '../../pipeline/mod.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseJson, tryParseManifest } from '../oci/repository/content.ts';
import { codeOf } from '../oci/repository/errors.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { readAll } from '../oci/repository/verify.ts';
import { type BuildRecord, buildType, parseBuildRecord, releaseType } from './artifact.ts';
import { contentVersion, problemOfContent } from './content.ts';
import { absentPart, damagedRelease, newerRelease } from './errors.ts';

/** The largest `release.json` that is read, in bytes: many times what the largest application has. */
const contentLimit = 64 * 1024 * 1024;

/**
 * The content of a release; undefined when there is no such release.
 * @throws UserError FL2101 without its `release.json`, FL2102 when it is damaged, FL2103 when a newer Fairlead wrote it
 */
export async function readContent(repository: Repository, digest: Digest): Promise<ReleaseContent | undefined> {
  const bytes = await readReleaseFile(repository, digest);
  if (!bytes) return undefined;
  const value = parseJson(bytes) as { version?: unknown; tool?: unknown } | null | undefined;
  if (typeof value?.version === 'number' && value.version > contentVersion) throw newerRelease(digest, value.tool);
  const problem = value === undefined ? 'its release.json is not JSON' : problemOfContent(value);
  if (problem !== undefined) throw damagedRelease(digest, repository.place, problem);
  return value as ReleaseContent;
}

async function readReleaseFile(repository: Repository, digest: Digest): Promise<Buffer | undefined> {
  const { place } = repository;
  try {
    const found = await repository.manifest(digest);
    const parts = found && tryParseManifest(found.bytes);
    if (parts?.artifactType !== releaseType) return undefined;
    const file = parts.blobs.find(({ mediaType }) => mediaType === releaseType);
    if (!file) throw damagedRelease(digest, place, 'it has no release.json');
    if (file.size > contentLimit)
      throw damagedRelease(digest, place, `its release.json has more than ${contentLimit} bytes`);
    return await readAll(repository.readBlob(file), contentLimit);
  } catch (error) {
    if (codeOf(error) === 'FL2203') throw absentPart(digest, 'its release.json', place, error);
    if (codeOf(error) === 'FL2204') throw damagedRelease(digest, place, (error as Error).message, error);
    throw error;
  }
}

/** What a release was built from, the newest first; what cannot be read is left out. */
export async function readBuilds(repository: Repository, digest: Digest): Promise<BuildRecord[]> {
  const referrers = await repository.referrers(digest, buildType);
  const records = await Promise.all(referrers.map((referrer) => readBuild(repository, referrer)));
  return records.filter((record) => record !== undefined).sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

/** Not every registry has the annotations in its list. */
async function readBuild(repository: Repository, referrer: Descriptor): Promise<BuildRecord | undefined> {
  const listed = parseBuildRecord(referrer.annotations);
  if (listed) return listed;
  const found = await repository.manifest(referrer.digest);
  return found && parseBuildRecord(tryParseManifest(found.bytes)?.annotations);
}
