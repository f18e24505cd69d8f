import type { Bases } from '../../images/mod.ts';
import {
  canonicalDigest,
  type Diagnostic,
  type Digest,
  type Release,
  type ReleaseContent,
  UserError,
} from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { paint } from '../paint.ts';
import { type PlaceOptions, readRelease, withReleases } from '../releases.ts';
import { localBuilder, openStore, type Store } from '../store.ts';

/**
 * Builds the sources again and compares: the proof that a release is of these very sources. Nothing is kept under a name.
 * @throws UserError FL2008 with everything that came out differently
 */
export async function verifyBuild(context: Context, wanted: string, from: PlaceOptions): Promise<Result> {
  const store = openStore(context);
  const expected = await withReleases(context, from, (place) => readRelease(place, wanted));
  const made = await rebuild(context, store, expected.content);
  const { digest, content } = expected;
  const unproved = content.unreproducible ?? [];
  if (canonicalDigest(provable(content)) !== canonicalDigest(provable(made.content)))
    throw new UserError(differences(expected, made));
  for (const key of unproved) context.report.warn(`The image ${key} comes from a Dockerfile, which proves nothing.`);
  return {
    document: { kind: 'verified', release: digest, images: content.images, unproved, source: made.source },
    text: `${paint('green', 'Proved')}: these sources give ${digest}, the same to the bit (${images(Object.keys(content.images).length - unproved.length)}).`,
  };
}

/** On the base that the release has, whatever the lock file says by now. */
async function rebuild(context: Context, { repository, config }: Store, { base }: ReleaseContent): Promise<Release> {
  if (!base) return localBuilder(repository, context).build(context.directory, config, context.report);
  const { openBase } = await import('../../images/base-finder.ts');
  const finder = openBase(
    { ...context, env: process.env },
    { lock: { version: 1, base }, config: { base: base.image } },
  );
  try {
    const find = (platforms: readonly string[]): Promise<Bases> => finder.find(platforms);
    return await localBuilder(repository, context, { base: find }).build(context.directory, config, context.report);
  } finally {
    await finder.close();
  }
}

function images(count: number): string {
  return count === 1 ? 'one image' : `${count} images`;
}

/** Without the images that another build may make differently. */
function provable(content: ReleaseContent): ReleaseContent {
  const images = Object.entries(content.images).filter(([key]) => !content.unreproducible?.includes(key));
  return { ...content, images: Object.fromEntries(images) };
}

function differences({ digest, content }: Release, made: Release): Diagnostic[] {
  const lists = [
    ['image', provable(content).images, provable(made.content).images],
    ['input', content.inputs, made.content.inputs],
  ] as const;
  const parts = lists.flatMap(([what, before, after]) =>
    changedKeys(before, after).map((key) => `the ${what} ${key} ${change(before[key], after[key])}`),
  );
  if (content.tool !== made.content.tool)
    parts.push(`it was built with Fairlead ${content.tool}, this is ${made.content.tool}`);
  return [
    {
      code: 'FL2008',
      severity: 'error',
      message: [
        `these sources give the release ${made.digest}, not ${digest}`,
        ...(parts.length > 0 ? parts : ['its graph or its migrations differ']).map((part) => `  ${part}`),
      ].join('\n'),
      help: 'Check out the commit that the release was built from (fairlead releases show), install its packages from the lockfile, and use the same Fairlead.',
    },
  ];
}

function changedKeys(before: Readonly<Record<string, Digest>>, after: Readonly<Record<string, Digest>>): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]).sort();
}

function change(before: Digest | undefined, after: Digest | undefined): string {
  if (before === undefined) return 'is new';
  return after === undefined ? 'is gone' : 'differs';
}
