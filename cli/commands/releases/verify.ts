import { verifyRelease } from '../../../images/release/verify.ts';
import { shortDigest, UserError } from '../../../pipeline/mod.ts';
import { bytes } from '../../bytes.ts';
import type { Context, Result } from '../../context.ts';
import { type PlaceOptions, withReleases } from '../../releases.ts';

/** Reads everything that a release names. @throws UserError FL2101 and FL2102 with all that is missing or damaged */
export async function verify(context: Context, { release: wanted, ...options }: PlaceOptions & { release: string }) {
  return withReleases(context, options, async ({ repository, registry }): Promise<Result> => {
    const digest = await registry.find(wanted);
    const { content, problems, ...counts } = await context.report.step(`Read ${shortDigest(digest)}`, () =>
      verifyRelease(repository, digest),
    );
    if (problems.length > 0) throw new UserError(problems);
    const images = new Set(Object.values(content.images)).size;
    const { parts, elsewhere } = counts;
    const base = content.base?.image ?? 'the base image';
    return {
      document: { digest, place: repository.place, images, ...counts },
      text: [
        `${shortDigest(digest)} is whole: ${images} ${images === 1 ? 'image' : 'images'}, ${parts} parts, ${bytes(counts.bytes)}, each as its digest says.`,
        ...(elsewhere > 0 ? [`Not kept here: ${elsewhere} layers of ${base}.`] : []),
      ].join('\n'),
    };
  });
}
