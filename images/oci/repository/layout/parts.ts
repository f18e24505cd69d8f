import type { Digest } from '../../../../pipeline/mod.ts';
import { type Descriptor, digestOf } from '../../descriptor.ts';
import { type Parts, referrerDescriptor, tryParseManifest } from '../content.ts';
import { manifestLimit } from '../repository.ts';
import { type LayoutFiles, readIfThere, sizeOf } from './files.ts';

/** What every manifest begins with: most blobs are layers, and not read as text. */
const brace = '{'.charCodeAt(0);

/** A blob that is a manifest or an index, as its bytes say; undefined when it is neither. Nobody has checked its digest. */
export async function readParts(
  files: LayoutFiles,
  digest: Digest,
): Promise<{ bytes: Uint8Array; parts: Parts } | undefined> {
  const size = await sizeOf(files.blob(digest));
  const bytes = size !== undefined && size <= manifestLimit ? await readIfThere(files.blob(digest)) : undefined;
  const parts = bytes?.[0] === brace ? tryParseManifest(bytes) : undefined;
  return bytes && parts && { bytes, parts };
}

/** Every manifest of the layout whose subject this is: what the list of its referrers was, when that is lost. */
export async function searchReferrers(files: LayoutFiles, subject: Digest): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  for (const digest of await files.digests()) {
    const manifest = await readParts(files, digest);
    if (manifest?.parts.subject?.digest !== subject || digestOf(manifest.bytes) !== digest) continue;
    found.push(referrerDescriptor(manifest.bytes, manifest.parts));
  }
  return found;
}
