import type { Operation } from '../../model.ts';
import { type Bucket, list, type Version } from './bucket.ts';

interface ListInput {
  Bucket: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
  StartAfter?: string;
  ContinuationToken?: string;
  Marker?: string;
  KeyMarker?: string;
  VersionIdMarker?: string;
  EncodingType?: string;
}

/** Amazon S3 API Reference, `ListObjectsV2`, `ListObjects`, `ListObjectVersions`. */
export function listings(bucketAt: (name: string) => Bucket): Record<string, Operation> {
  const objects = (bucket: Bucket) =>
    [...bucket.keys].flatMap(([key, [newest]]) =>
      newest && !newest.marker ? { key, item: { Key: key, ...facts(newest) } } : [],
    );
  const common = (input: ListInput, prefixes: string[]) => ({
    Name: input.Bucket,
    Prefix: encoded(input, input.Prefix ?? ''),
    ...(input.Delimiter && { Delimiter: encoded(input, input.Delimiter) }),
    ...(input.EncodingType && { EncodingType: input.EncodingType }),
    MaxKeys: input.MaxKeys ?? 1000,
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes.map((one) => ({ Prefix: encoded(input, one) })) }),
  });

  return {
    ListObjectsV2(input: ListInput) {
      const token = input.ContinuationToken && Buffer.from(input.ContinuationToken, 'base64url').toString();
      const found = list(objects(bucketAt(input.Bucket)), options(input, token ?? input.StartAfter));
      return {
        ...common(input, found.prefixes),
        KeyCount: found.items.length + found.prefixes.length,
        IsTruncated: found.next !== undefined,
        Contents: found.items.map((one) => ({ ...one, Key: encoded(input, one.Key) })),
        ...(input.ContinuationToken && { ContinuationToken: input.ContinuationToken }),
        ...(found.next !== undefined && { NextContinuationToken: Buffer.from(found.next).toString('base64url') }),
      };
    },
    ListObjects(input: ListInput) {
      const found = list(objects(bucketAt(input.Bucket)), options(input, input.Marker));
      return {
        ...common(input, found.prefixes),
        Marker: input.Marker ?? '',
        IsTruncated: found.next !== undefined,
        Contents: found.items.map((one) => ({ ...one, Key: encoded(input, one.Key) })),
        ...(found.next !== undefined && { NextMarker: encoded(input, found.next) }),
      };
    },
    ListObjectVersions(input: ListInput) {
      const bucket = bucketAt(input.Bucket);
      // A position in the list, as a marker: key and version.
      const all = [...bucket.keys].flatMap(([key, versions]) =>
        versions.map((version, index) => ({
          key: `${key}\0${String(index).padStart(9, '0')}`,
          item: { key, version, index },
        })),
      );
      const at = bucket.keys.get(input.KeyMarker ?? '')?.findIndex(({ id }) => id === input.VersionIdMarker) ?? -1;
      const after = input.KeyMarker && `${input.KeyMarker}\0${at < 0 ? '\uffff' : String(at).padStart(9, '0')}`;
      const found = list(all, options(input, after));
      const view = ({ key, version, index }: (typeof all)[number]['item']) => ({
        Key: encoded(input, key),
        VersionId: version.id,
        IsLatest: index === 0,
        ...(version.marker ? { LastModified: new Date(version.at) } : facts(version)),
      });
      const last = found.items.at(-1);
      return {
        ...common(input, found.prefixes),
        IsTruncated: found.next !== undefined,
        KeyMarker: input.KeyMarker ?? '',
        Versions: found.items.filter(({ version }) => !version.marker).map(view),
        DeleteMarkers: found.items.filter(({ version }) => version.marker).map(view),
        ...(found.next !== undefined &&
          last && { NextKeyMarker: encoded(input, last.key), NextVersionIdMarker: last.version.id }),
      };
    },
  };
}

function options({ Prefix, Delimiter, MaxKeys }: ListInput, after: string | undefined) {
  return {
    ...(Prefix !== undefined && { prefix: Prefix }),
    ...(Delimiter && { delimiter: Delimiter }),
    ...(MaxKeys !== undefined && { most: MaxKeys }),
    ...(after !== undefined && { after }),
  };
}

const facts = ({ etag, body, at }: Version) => ({
  ETag: `"${etag}"`,
  Size: body.length,
  LastModified: new Date(at),
  StorageClass: 'STANDARD',
});

/** `encoding-type=url`: what XML could not say. */
const encoded = ({ EncodingType }: ListInput, text: string) =>
  EncodingType === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+') : text;
