import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** How many parts are under way at once. */
const atOnce = 3;

/** Bytes. S3 takes 10,000 parts of 5 MiB to 5 GiB: these reach beyond the 5 TiB that an object may have. */
export function partSize(index: number): number {
  return 8 * 1024 * 1024 * 2 ** Math.floor(index / 1000);
}

/**
 * Uploads an object in parts; before the last step there is none. What fails takes the parts with it: those that cannot be removed then
 * are removed by the rule of the bucket, if it has one.
 */
export async function uploadParts(
  client: S3Client,
  place: { Bucket: string; Key: string },
  parts: AsyncIterable<Buffer>,
  { contentType, notExists }: { contentType?: string; notExists: boolean },
): Promise<CompleteMultipartUploadCommandOutput & { size: number }> {
  const type = contentType !== undefined && { ContentType: contentType };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...type }));
  const upload = { ...place, UploadId };
  const sending = new Set<Promise<void>>();
  try {
    const done: CompletedPart[] = [];
    let size = 0;
    let PartNumber = 0;
    for await (const Body of parts) {
      PartNumber += 1;
      size += Body.length;
      const sent = sendPart(client, { ...upload, PartNumber, Body }, done).then(() => void sending.delete(sent));
      sending.add(sent);
      // It stays among those that are waited for.
      sent.catch(() => {});
      if (sending.size >= atOnce) await Promise.race(sending);
    }
    await Promise.all(sending);
    const MultipartUpload = { Parts: done };
    const condition = notExists && { IfNoneMatch: '*' };
    return {
      size,
      ...(await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, ...condition }))),
    };
  } catch (error) {
    await Promise.allSettled(sending);
    // What was wrong before is what is told.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function sendPart(
  client: S3Client,
  part: ConstructorParameters<typeof UploadPartCommand>[0] & { PartNumber: number; Body: Buffer },
  done: CompletedPart[],
): Promise<void> {
  const { PartNumber, Body } = part;
  const { ETag } = await client.send(new UploadPartCommand({ ...part, ContentLength: Body.length }));
  done[PartNumber - 1] = { PartNumber, ETag };
}
