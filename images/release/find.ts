import type { Digest } from '../../pipeline/mod.ts';
import type { Repository } from '../oci/repository/mod.ts';
import { releaseError } from './errors.ts';
import { readTags, resolveTags } from './list.ts';

/**
 * The release that a digest, or at least six of its hex digits, stands for. A whole digest is taken as it is.
 * @throws UserError FL2105 when there is none, FL2106 when there are several
 */
export async function findRelease(repository: Repository, text: string): Promise<Digest> {
  const hex = text.replace(/^sha256:/, '').toLowerCase();
  if (!/^[0-9a-f]{6,64}$/.test(hex))
    throw unknown(`${JSON.stringify(text)} is not a digest, nor at least six hex digits of one`);
  if (hex.length === 64) return `sha256:${hex}`;
  const tags = (await readTags(repository)).filter(
    ({ ofImage, digits }) => !ofImage && (digits.startsWith(hex) || hex.startsWith(digits)),
  );
  const kept = await resolveTags(repository, tags);
  const found = [...new Set(kept.map(({ digest }) => digest))].filter((digest) => digest.startsWith(`sha256:${hex}`));
  if (found.length > 1)
    throw releaseError(
      'FL2106',
      `${JSON.stringify(text)} begins the digests of ${found.length} releases`,
      `Write one of them with more digits: ${found.sort().join(', ')}.`,
    );
  if (!found[0]) throw unknown(`${repository.place} has no release whose digest begins with ${JSON.stringify(text)}`);
  return found[0];
}

function unknown(message: string): Error {
  return releaseError('FL2105', message, 'See `fairlead releases list` for those that are kept.');
}
