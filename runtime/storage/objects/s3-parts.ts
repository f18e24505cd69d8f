import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { crypto } from '../../node.ts';
import { isUnreachable } from '../../unavailable.ts';
import type { StreamedOptions } from './provider.ts';
import { again, statusOf } from './s3-conflict.ts';

/** How many parts are under way at once. */
const atOnce = 3;

/** Bytes. S3 takes 10,000 parts of 5 MiB to 5 GiB: these reach beyond the 5 TiB that an object may have. */
export function partSize(index: number): number {
  return 8 * 1024 * 1024 * 2 ** Math.floor(index / 1000);
}

type Place = { Bucket: string; Key: string };
type Upload = Place & { UploadId: string | undefined };

/** What S3 says of an object that is complete. */
interface Completed {
  ETag?: string | undefined;
  VersionId?: string | undefined;
}

/**
 * Uploads an object in parts; before the last step there is none. What fails takes the parts with it: those that cannot be removed then
 * are removed by the rule of the bucket, if it has one.
 */
export async function uploadParts(
  client: S3Client,
  place: Place,
  parts: AsyncIterable<Buffer>,
  { contentType, notExists, signal }: StreamedOptions,
): Promise<Completed & { size: number }> {
  const type = contentType !== undefined && { ContentType: contentType };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...type }));
  const upload = { ...place, UploadId };
  const over = new AbortController();
  const abortSignal = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const sending = new Set<Promise<void>>();
  const done: CompletedPart[] = [];
  let size = 0;
  let completing = false;
  try {
    let PartNumber = 0;
    for await (const Body of parts) {
      PartNumber += 1;
      size += Body.length;
      const part = { ...upload, PartNumber, Body };
      const sent = sendPart(client, part, done, abortSignal).then(() => void sending.delete(sent));
      sending.add(sent);
      // It stays among those that are waited for.
      sent.catch(() => {});
      if (sending.size >= atOnce) await Promise.race(sending);
    }
    await Promise.all(sending);
    signal?.throwIfAborted();
    completing = true;
    const input = { ...upload, MultipartUpload: { Parts: done }, ...(notExists && { IfNoneMatch: '*' }) };
    return { size, ...(await complete(client, input, signal)) };
  } catch (error) {
    over.abort();
    await Promise.allSettled(sending);
    const gone = await abort(client, upload);
    if (!completing || !gone || !mayBeDone(error)) throw error;
    // Most likely it is gone because it is complete, and the answer was lost, or not waited for.
    const found = await completed(client, place, { parts: done, size });
    if (!found) throw error;
    return { size, ...found };
  }
}

async function sendPart(
  client: S3Client,
  part: UploadPartCommandInput & { PartNumber: number; Body: Buffer },
  done: CompletedPart[],
  abortSignal: AbortSignal,
): Promise<void> {
  const { PartNumber, Body } = part;
  const { ETag } = await client.send(new UploadPartCommand({ ...part, ContentLength: Body.length }), { abortSignal });
  done[PartNumber - 1] = { PartNumber, ETag };
}

/**
 * Makes the object of its parts. One that is on the condition that there is none meets others: S3 wants it tried again then, and may have
 * forgotten the parts.
 */
async function complete(
  client: S3Client,
  input: CompleteMultipartUploadCommandInput,
  signal: AbortSignal | undefined,
): Promise<Completed> {
  let conflict: unknown;
  const send = () =>
    client.send(new CompleteMultipartUploadCommand(input), signal && { abortSignal: signal }).catch((error) => {
      if (statusOf(error) === 409) conflict = error;
      throw conflict !== undefined && isGone(error) ? conflict : error;
    });
  return again(send, signal);
}

/** Whether it is gone already. */
function abort(client: S3Client, upload: Upload): Promise<boolean> {
  // What was wrong before is what is told.
  return client.send(new AbortMultipartUploadCommand(upload)).then(() => false, isGone);
}

/** Whether an upload that ended so may be complete all the same: nobody heard, or heard of a try that came after the one that counts. */
function mayBeDone(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { attempts?: number } };
  const repeated = statusOf(error) === 412 && ($metadata?.attempts ?? 1) > 1;
  return isGone(error) || repeated || name === 'AbortError' || isUnreachable(error) || (statusOf(error) ?? 0) >= 500;
}

function isGone(error: unknown): boolean {
  return (error as { name?: string }).name === 'NoSuchUpload';
}

/** That of an object made of parts, whose digest is of the digests of these. */
const etagOfParts = /^"[0-9a-f]{32}-\d+"$/;

/**
 * The same that S3 would have said, unless what is there is not made of these parts, or nothing is. A process that may only write is not
 * told, nor is it of the version: then the object is taken to be there.
 */
async function completed(
  client: S3Client,
  place: Place,
  { parts, size }: { parts: CompletedPart[]; size: number },
): Promise<Completed | undefined> {
  const digests = parts.map(({ ETag = '' }) => Buffer.from(ETag.replaceAll('"', ''), 'hex'));
  const ETag = `"${crypto.createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`;
  try {
    const found = await client.send(new HeadObjectCommand(place));
    const same = found.ETag === ETag || !hasDigests(found) || !etagOfParts.test(found.ETag ?? '');
    return same && found.ContentLength === size ? { ETag: found.ETag ?? ETag, VersionId: found.VersionId } : undefined;
  } catch (error) {
    // Of what else is wrong there the first error says enough.
    return statusOf(error) === 403 ? { ETag } : undefined;
  }
}

/** Whether the ETag is made of digests: with keys of one's own it is of S3's own making. */
function hasDigests({
  ServerSideEncryption: by = 'AES256',
  SSECustomerAlgorithm: own,
}: HeadObjectCommandOutput): boolean {
  return by === 'AES256' && own === undefined;
}
