import type { Digest } from '../../../../pipeline/mod.ts';
import { type Descriptor, type Index, mediaTypes } from '../../descriptor.ts';
import { isDescriptor, isReferrersTag, parseJson } from '../content.ts';

/** One entry of a layout's `index.json`: a manifest with its tag, or one that nothing else in the layout names. */
export interface Entry {
  descriptor: Descriptor;
  tag?: string;
}

const refName = 'org.opencontainers.image.ref.name';

/** Undefined when it is no index. Other tools' annotations stay with the descriptors. */
export function parseEntries(bytes: Uint8Array): Entry[] | undefined {
  const { schemaVersion, manifests } = (parseJson(bytes) ?? {}) as Partial<Index>;
  if (schemaVersion !== 2 || !Array.isArray(manifests) || !manifests.every(isDescriptor)) return undefined;
  return manifests.map((entry) => {
    const { [refName]: tag, ...annotations } = entry.annotations ?? {};
    const { annotations: _, ...rest } = entry;
    const descriptor = Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
    return tag === undefined ? { descriptor } : { descriptor, tag };
  });
}

export function renderEntries(entries: readonly Entry[]): Uint8Array {
  const manifests = entries.map(({ descriptor, tag }) =>
    tag === undefined ? descriptor : { ...descriptor, annotations: { ...descriptor.annotations, [refName]: tag } },
  );
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

/** A manifest that lost its tag stays, without one; a list of referrers does not. */
export function withTag(entries: readonly Entry[], descriptor: Descriptor, tag: string): Entry[] {
  const others = entries.filter((entry) => entry.descriptor.digest !== descriptor.digest || entry.tag !== undefined);
  if (others.some((entry) => entry.tag === tag && entry.descriptor.digest === descriptor.digest)) return others;
  const before = others.filter((entry) => entry.tag !== tag);
  const displaced = others.filter((entry) => entry.tag === tag).map((entry) => entry.descriptor);
  const left = isReferrersTag(tag) ? [] : displaced.filter(({ digest }) => digest !== descriptor.digest);
  return [...left.reduce(withManifest, before), { descriptor, tag }];
}

/** Nothing changes when it is there already, with a tag or without. */
export function withManifest(entries: readonly Entry[], descriptor: Descriptor): Entry[] {
  if (entries.some((entry) => entry.descriptor.digest === descriptor.digest)) return [...entries];
  return [...entries, { descriptor }];
}

/** What another manifest names needs no entry of its own, unless it has a tag. */
export function withoutChildren(entries: readonly Entry[], children: readonly Descriptor[]): Entry[] {
  const named = new Set(children.map(({ digest }) => digest));
  return entries.filter(({ descriptor, tag }) => tag !== undefined || !named.has(descriptor.digest));
}

export function withoutTag(entries: readonly Entry[], tag: string): Entry[] {
  const gone = entries.filter((entry) => entry.tag === tag).map(({ descriptor }) => descriptor);
  return gone.reduce(
    withManifest,
    entries.filter((entry) => entry.tag !== tag),
  );
}

export function withoutManifest(entries: readonly Entry[], digest: Digest): Entry[] {
  return entries.filter(({ descriptor }) => descriptor.digest !== digest);
}
