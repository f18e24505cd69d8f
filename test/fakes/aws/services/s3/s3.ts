import { AwsError, type Call, type Service, type World } from '../../model.ts';
import { add, type Bucket, find, headersOf, md5, type ObjectHeaders, remove } from './bucket.ts';
import { listings } from './listings.ts';
import { multipart } from './multipart.ts';
import { bucketResources } from './resources.ts';
import { bucketSettings } from './settings.ts';
import { wishesOf } from './wishes.ts';

/** Amazon S3. Names of buckets are one world's, not one account's. */
export interface S3 extends Service {
  buckets: Map<string, Bucket>;
  /** @throws AwsError NoSuchBucket */
  bucketAt(name: string): Bucket;
  create(call: Pick<Call, 'account' | 'region'>, name: string): Bucket;
  /** @throws AwsError BucketNotEmpty */
  drop(name: string): void;
}

export interface ObjectInput extends ObjectHeaders {
  Bucket: string;
  Key: string;
  Body?: Uint8Array;
  VersionId?: string;
  IfMatch?: string;
  IfNoneMatch?: string;
}

export function createS3(world: World): S3 {
  const buckets = new Map<string, Bucket>();
  const versionId = () => world.random.text(32);

  function bucketAt(name: string): Bucket {
    const bucket = buckets.get(name);
    if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket;
  }

  function create({ account, region }: Pick<Call, 'account' | 'region'>, name: string): Bucket {
    if (
      !/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) ||
      name.startsWith('xn--') ||
      name.endsWith('-s3alias')
    )
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
    const there = buckets.get(name);
    if (there)
      throw there.account === account
        ? new AwsError(
            'BucketAlreadyOwnedByYou',
            'Your previous request to create the named bucket succeeded and you already own it.',
            409,
          )
        : new AwsError(
            'BucketAlreadyExists',
            'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
            409,
          );
    // "Default settings for new S3 buckets" (April 2023): public access is blocked.
    const publicAccess = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    const bucket: Bucket = {
      name,
      account,
      region,
      createdAt: world.clock.now(),
      publicAccess,
      tags: {},
      keys: new Map(),
      uploads: new Map(),
      settings: {},
    };
    buckets.set(name, bucket);
    return bucket;
  }

  function drop(name: string): void {
    // "Deleting a bucket": versions and delete markers count.
    if (bucketAt(name).keys.size > 0)
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    buckets.delete(name);
  }

  /** API Reference, `GetObject`: without s3:ListBucket nobody learns that a key is not there. */
  function missing(bucket: Bucket, call: Call, versioned: boolean): AwsError {
    try {
      world.authorize(call, [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket.name}` }]);
    } catch {
      return new AwsError('AccessDenied', 'Access Denied', 403);
    }
    return versioned
      ? new AwsError('NoSuchVersion', 'The specified version does not exist.', 404)
      : new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  }

  function read(input: ObjectInput & ReadInput, call: Call): Record<string, unknown> {
    const bucket = bucketAt(input.Bucket);
    const version = find(bucket, input.Key, input.VersionId);
    if (!version) throw missing(bucket, call, input.VersionId !== undefined);
    const etag = `"${version.etag}"`;
    if (input.IfMatch && !sameTag(input.IfMatch, etag)) throw preconditionFailed();
    if (input.IfNoneMatch && sameTag(input.IfNoneMatch, etag)) throw new AwsError('NotModified', 'Not Modified', 304);
    const range = rangeOf(input.Range, version.body.length);
    const body = range ? version.body.subarray(range.from, range.to + 1) : version.body;
    return {
      ...version.headers,
      ContentType: input.ResponseContentType ?? version.headers.ContentType ?? 'binary/octet-stream',
      ...(input.ResponseContentDisposition && { ContentDisposition: input.ResponseContentDisposition }),
      ...(input.ResponseCacheControl && { CacheControl: input.ResponseCacheControl }),
      Body: new Uint8Array(body),
      ContentLength: body.length,
      ...(range && { ContentRange: `bytes ${range.from}-${range.to}/${version.body.length}`, StatusCode: 206 }),
      AcceptRanges: 'bytes',
      ETag: etag,
      LastModified: new Date(version.at),
      ...(bucket.versioning && { VersionId: version.id }),
      ServerSideEncryption: 'AES256',
    };
  }

  function write(input: Omit<ObjectInput, 'Body'>, body: Buffer, etag = md5(body)): Record<string, unknown> {
    const bucket = bucketAt(input.Bucket);
    if (Buffer.byteLength(input.Key) > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long');
    const there = find(bucket, input.Key);
    // User Guide, "Conditional writes".
    if (input.IfNoneMatch === '*' && there) throw preconditionFailed();
    if (input.IfMatch && !there) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    if (input.IfMatch && !sameTag(input.IfMatch, `"${there?.etag}"`)) throw preconditionFailed();
    const headers = headersOf(input);
    const added = add(bucket, input.Key, { at: world.clock.now(), marker: false, body, etag, headers }, versionId);
    return { ETag: `"${etag}"`, ...(bucket.versioning && { VersionId: added.id }), ServerSideEncryption: 'AES256' };
  }

  const service: S3 = {
    id: 's3',
    buckets,
    bucketAt,
    create,
    drop,
    authorize: wishesOf,
    policyOf: (one) => buckets.get(one.split(':::')[1]?.split('/')[0] ?? '')?.policy,
    *tagged() {
      for (const { name, tags } of buckets.values()) yield { arn: `arn:aws:s3:::${name}`, tags };
    },
    operations: {
      CreateBucket(input: { Bucket: string }, call) {
        create(call, input.Bucket);
        return { Location: `/${input.Bucket}` };
      },
      DeleteBucket: ({ Bucket: name }: { Bucket: string }) => drop(name),
      HeadBucket: ({ Bucket: name }: { Bucket: string }) => ({ BucketRegion: bucketAt(name).region }),
      ListBuckets: (_input: unknown, call) => ({
        Buckets: [...buckets.values()]
          .filter(({ account }) => account === call.account)
          .map(({ name, createdAt, region }) => ({
            Name: name,
            CreationDate: new Date(createdAt),
            BucketRegion: region,
          })),
        Owner: { ID: call.account },
      }),
      PutObject: (input: ObjectInput) => write(input, Buffer.from(input.Body ?? [])),
      GetObject: (input: ObjectInput & ReadInput, call) => read(input, call),
      HeadObject(input: ObjectInput, call) {
        const { Body: _body, ...head } = read(input, call);
        return head;
      },
      CopyObject(input: ObjectInput & { CopySource: string; MetadataDirective?: string }, call) {
        const [path = '', version] = input.CopySource.split('?versionId=');
        const [from = '', ...key] = decodeURIComponent(path).replace(/^\//, '').split('/');
        const source = find(bucketAt(from), key.join('/'), version);
        if (!source) throw missing(bucketAt(from), call, version !== undefined);
        const headers = input.MetadataDirective === 'REPLACE' ? headersOf(input) : source.headers;
        const { Bucket: to, Key } = input;
        const { ETag, VersionId } = write({ Bucket: to, Key, ...headers }, source.body, source.etag);
        return { CopyObjectResult: { ETag, LastModified: new Date(world.clock.now()) }, VersionId };
      },
      DeleteObject: (input: ObjectInput) =>
        remove(bucketAt(input.Bucket), input.Key, input.VersionId, world.clock.now(), versionId),
      DeleteObjects(input: {
        Bucket: string;
        Delete: { Objects: { Key: string; VersionId?: string }[]; Quiet?: boolean };
      }) {
        const bucket = bucketAt(input.Bucket);
        const { Objects, Quiet } = input.Delete;
        if (Objects.length > 1000)
          throw new AwsError(
            'MalformedXML',
            'The XML you provided was not well-formed or did not validate against our published schema',
          );
        const Deleted = Objects.map(({ Key, VersionId }) => {
          const { DeleteMarker, VersionId: made } = remove(bucket, Key, VersionId, world.clock.now(), versionId);
          return {
            Key,
            ...(VersionId ? { VersionId } : {}),
            ...(DeleteMarker && { DeleteMarker, DeleteMarkerVersionId: made }),
          };
        });
        return Quiet ? {} : { Deleted };
      },
      ...listings(bucketAt),
      ...multipart(world, bucketAt, write),
      ...bucketSettings(bucketAt),
    },
  };
  return { ...service, resources: bucketResources(world, service) };
}

interface ReadInput {
  Range?: string;
  ResponseContentType?: string;
  ResponseContentDisposition?: string;
  ResponseCacheControl?: string;
}

const preconditionFailed = () =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);

const sameTag = (wanted: string, etag: string) =>
  wanted === '*' || wanted.split(',').some((one) => one.trim().replaceAll('"', '') === etag.replaceAll('"', ''));

/** One range of bytes; undefined when none is asked for. */
function rangeOf(range: string | undefined, length: number): { from: number; to: number } | undefined {
  const [, start, end] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (start === undefined || end === undefined) return undefined;
  const from = start === '' ? Math.max(0, length - Number(end)) : Number(start);
  const to = start === '' || end === '' ? length - 1 : Math.min(Number(end), length - 1);
  if (from >= length || from > to) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { from, to };
}
