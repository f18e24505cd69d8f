import { type Descriptor, digestOf } from '../../../../images/oci/descriptor.ts';
import { parseManifest, referrerDescriptor } from '../../../../images/oci/repository/content.ts';
import { missing } from '../../../../images/oci/repository/errors.ts';
import type { Repository, StoredManifest } from '../../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../../pipeline/mod.ts';

/**
 * A registry in memory, where each call happens at once and nothing keeps others out between two. `before` hears of
 * each call, and may do something first or end it.
 */
export function createMemoryRegistry(): { open: (before?: (call: string) => Promise<void>) => Repository } {
  const blobs = new Map<Digest, Uint8Array>();
  const manifests = new Map<Digest, StoredManifest>();
  const tagged = new Map<string, Digest>();
  const place = 'registry.example/shop';

  const store = (bytes: Uint8Array, mediaType: string, tag?: string): Descriptor => {
    const parts = parseManifest(bytes, place);
    for (const { digest } of parts.blobs) if (!blobs.has(digest)) throw missing(digest, place);
    for (const { digest } of parts.manifests) if (!manifests.has(digest)) throw missing(digest, place);
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    manifests.set(descriptor.digest, { descriptor, bytes });
    if (tag !== undefined) tagged.set(tag, descriptor.digest);
    return descriptor;
  };

  return {
    open(before = async () => {}) {
      const call =
        <A extends unknown[], T>(name: string, work: (...args: A) => T) =>
        async (...args: A): Promise<Awaited<T>> => {
          await before(name);
          return await work(...args);
        };
      return {
        place,
        registry: 'registry.example',
        name: 'shop',
        hasBlob: call('hasBlob', (digest) => blobs.has(digest)),
        async *readBlob({ digest }) {
          const bytes = blobs.get(digest);
          if (!bytes) throw missing(digest, place);
          yield bytes;
        },
        writeBlob: call('writeBlob', async ({ digest }, open) => {
          const chunks: Uint8Array[] = [];
          const content = open();
          if (content instanceof Uint8Array) chunks.push(content);
          else for await (const chunk of content) chunks.push(chunk);
          blobs.set(digest, Buffer.concat(chunks));
        }),
        mountBlob: call('mountBlob', () => false),
        manifest: call('manifest', (reference) => manifests.get(tagged.get(reference) ?? (reference as Digest))),
        putManifest: call('putManifest', store),
        tag: call('tag', (digest, tag) => {
          if (!manifests.has(digest)) throw missing(digest, place);
          tagged.set(tag, digest);
        }),
        tags: call('tags', () => [...tagged.keys()].sort()),
        referrers: call('referrers', (digest, artifactType) =>
          [...manifests.values()].flatMap(({ bytes, descriptor: { mediaType } }) => {
            const parts = parseManifest(bytes, place);
            const matches = artifactType === undefined || parts.artifactType === artifactType;
            return parts.subject?.digest === digest && matches
              ? [referrerDescriptor(bytes, { ...parts, mediaType })]
              : [];
          }),
        ),
        remove: call('remove', (reference) => {
          tagged.delete(reference);
          manifests.delete(reference as Digest);
          for (const [tag, digest] of tagged) if (digest === reference) tagged.delete(tag);
        }),
      };
    },
  };
}
