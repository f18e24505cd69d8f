import type { Digest } from '../../pipeline/mod.ts';
import type { Tag } from './tags.ts';

/** What goes when releases go. */
export interface Doomed {
  releases: Digest[];
  /** Of those that should have gone: kept again in the last hour. */
  spared: Digest[];
  /** Their tags, those of their images, and those of images whose release never came. */
  tags: Set<string>;
}

/** Milliseconds in which a release that was kept is there to stay, whatever was decided before. */
const grace = 3_600_000;

/** `digests`: what the tags of releases name. */
export function doomedBy(
  gone: readonly Digest[],
  tags: readonly Tag[],
  digests: ReadonlyMap<string, Digest>,
  now: Date,
): Doomed {
  const isYoung = (tag: Tag) => now.getTime() - Date.parse(tag.at) < grace;
  const ofReleases = tags.filter(({ ofImage }) => !ofImage);
  const young = new Set(ofReleases.filter(isYoung).map(({ tag }) => digests.get(tag)));
  const releases = gone.filter((digest) => !young.has(digest));
  const going = new Set(releases);
  const [there, leaving] = [new Set<string>(), new Set<string>()];
  for (const { tag } of ofReleases) {
    const digest = digests.get(tag);
    (digest && going.has(digest) ? leaving : there).add(tag);
  }
  const ofImages = tags.filter((tag) => tag.ofImage && !there.has(tag.release));
  const orphans = ofImages.filter((tag) => leaving.has(tag.release) || !isYoung(tag));
  return {
    releases,
    spared: gone.filter((digest) => young.has(digest)),
    tags: new Set([...leaving, ...orphans.map(({ tag }) => tag)]),
  };
}
