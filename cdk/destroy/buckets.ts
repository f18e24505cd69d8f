import type { ObjectIdentifier } from '@aws-sdk/client-s3';
import type { Aws } from '../aws.ts';
import { codeOf, unlessMissing } from '../errors.ts';
import type { Account } from '../model.ts';

/** Objects at once, as many as S3 takes. */
const batch = 1_000;

/**
 * Empties a bucket: nobody may write any more, then every version, every mark of a removal and every upload in parts goes. Answers how
 * many objects it had, or undefined when there is no such bucket.
 */
export async function emptyBucket(
  { clients, account }: Pick<Aws, 'clients' | 'account'>,
  Bucket: string,
): Promise<number | undefined> {
  const s3 = await clients.s3();
  const denied = await unlessMissing(denyWriters(s3, Bucket, account));
  if (denied === undefined) return undefined;
  let count = 0;
  // Again from the start each time, until nothing is left: a page's end moves with what is taken away.
  for (;;) {
    const page = await unlessMissing(s3.listObjectVersions({ Bucket, MaxKeys: batch }));
    if (!page) return undefined;
    const objects: ObjectIdentifier[] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
      ({ Key, VersionId }) => ({ Key, ...(VersionId && { VersionId }) }),
    );
    if (objects.length === 0) break;
    const { Errors = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects: objects, Quiet: true } });
    if (Errors.length > 0) throw new Error(`${Errors[0]!.Key}: ${Errors[0]!.Message ?? Errors[0]!.Code}`);
    count += objects.length;
  }
  for (;;) {
    const page = await unlessMissing(s3.listMultipartUploads({ Bucket }));
    const uploads = page?.Uploads ?? [];
    for (const { Key, UploadId } of uploads) await unlessMissing(s3.abortMultipartUpload({ Bucket, Key, UploadId }));
    if (uploads.length === 0 || !page?.IsTruncated) return count;
  }
}

type S3 = Awaited<ReturnType<Aws['clients']['s3']>>;

/** Whoever still writes would fill it while it is emptied. */
async function denyWriters(s3: S3, Bucket: string, { partition }: Account): Promise<true> {
  const arn = `arn:${partition}:s3:::${Bucket}`;
  const written = await s3.getBucketPolicy({ Bucket }).catch((error: unknown) => {
    if (codeOf(error) === 'NoSuchBucketPolicy') return undefined;
    throw error;
  });
  const policy = JSON.parse(written?.Policy ?? '{"Version":"2012-10-17","Statement":[]}') as { Statement: object[] };
  const sid = 'FairleadIsRemovingIt';
  if (JSON.stringify(policy).includes(sid)) return true;
  const Statement = [
    ...policy.Statement,
    { Sid: sid, Effect: 'Deny', Principal: '*', Action: ['s3:PutObject'], Resource: `${arn}/*` },
  ];
  await s3.putBucketPolicy({ Bucket, Policy: JSON.stringify({ ...policy, Statement }) });
  return true;
}
