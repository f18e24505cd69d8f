import { AwsError, type Operation, type World } from '../../model.ts';
import { type Bucket, headersOf, md5, type ObjectHeaders, type Upload } from './bucket.ts';
import type { ObjectInput } from './s3.ts';

interface PartInput {
  Bucket: string;
  Key: string;
  UploadId: string;
}

/** Amazon S3 User Guide, "Uploading and copying objects using multipart upload". */
export function multipart(
  world: World,
  bucketAt: (name: string) => Bucket,
  write: (input: Omit<ObjectInput, 'Body'>, body: Buffer, etag: string) => Record<string, unknown>,
): Record<string, Operation> {
  function uploadAt({ Bucket: name, Key, UploadId }: PartInput): Upload {
    const upload = bucketAt(name).uploads.get(UploadId);
    if (upload?.key === Key) return upload;
    throw new AwsError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
    );
  }

  return {
    CreateMultipartUpload(input: ObjectHeaders & { Bucket: string; Key: string }) {
      const id = world.random.text(64);
      const upload = { id, key: input.Key, at: world.clock.now(), headers: headersOf(input), parts: new Map() };
      bucketAt(input.Bucket).uploads.set(id, upload);
      return { Bucket: input.Bucket, Key: input.Key, UploadId: id };
    },
    UploadPart(input: PartInput & { PartNumber: number; Body?: Uint8Array }) {
      const upload = uploadAt(input);
      if (input.PartNumber < 1 || input.PartNumber > 10_000)
        throw new AwsError('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
      const body = Buffer.from(input.Body ?? []);
      const etag = md5(body);
      upload.parts.set(input.PartNumber, { body, etag, at: world.clock.now() });
      return { ETag: `"${etag}"` };
    },
    CompleteMultipartUpload(
      input: PartInput & { MultipartUpload?: { Parts?: { PartNumber: number; ETag: string }[] }; IfNoneMatch?: string },
    ) {
      const upload = uploadAt(input);
      const parts = input.MultipartUpload?.Parts ?? [];
      const ordered = parts.every(
        ({ PartNumber }, index) => index === 0 || PartNumber > (parts[index - 1]?.PartNumber ?? 0),
      );
      if (!ordered)
        throw new AwsError(
          'InvalidPartOrder',
          'The list of parts was not in ascending order. The parts list must be specified in order by part number.',
        );
      const bodies = parts.map(({ PartNumber, ETag }, index) => {
        const part = upload.parts.get(PartNumber);
        if (part?.etag !== ETag.replaceAll('"', ''))
          throw new AwsError(
            'InvalidPart',
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
          );
        if (index < parts.length - 1 && part.body.length < 5 * 1024 * 1024)
          throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
        return part.body;
      });
      const digests = Buffer.concat(bodies.map((body) => Buffer.from(md5(body), 'hex')));
      const { Bucket, Key, IfNoneMatch } = input;
      const target = { Bucket, Key, ...upload.headers, ...(IfNoneMatch && { IfNoneMatch }) };
      const written = write(target, Buffer.concat(bodies), `${md5(digests)}-${parts.length}`);
      bucketAt(Bucket).uploads.delete(upload.id);
      return { Bucket, Key, Location: `${world.url}/${Bucket}/${Key}`, ...written };
    },
    AbortMultipartUpload(input: PartInput) {
      bucketAt(input.Bucket).uploads.delete(uploadAt(input).id);
    },
    ListMultipartUploads: ({ Bucket: name, Prefix = '' }: { Bucket: string; Prefix?: string }) => ({
      Bucket: name,
      Uploads: [...bucketAt(name).uploads.values()]
        .filter(({ key }) => key.startsWith(Prefix))
        .map(({ id, key, at }) => ({ UploadId: id, Key: key, Initiated: new Date(at) })),
      IsTruncated: false,
    }),
    ListParts: (input: PartInput) => ({
      Bucket: input.Bucket,
      Key: input.Key,
      UploadId: input.UploadId,
      IsTruncated: false,
      Parts: [...uploadAt(input).parts].map(([PartNumber, { etag, body, at }]) => ({
        PartNumber,
        ETag: `"${etag}"`,
        Size: body.length,
        LastModified: new Date(at),
      })),
    }),
  };
}
