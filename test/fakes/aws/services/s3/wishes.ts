import type { Wish } from '../../model.ts';

interface Asked {
  Bucket?: string;
  Key?: string;
  VersionId?: string;
  Prefix?: string;
  CopySource?: string;
  Delete?: { Objects: { Key: string; VersionId?: string }[] };
}

/** Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"; those that are not called as the operation. */
const named: Record<string, string> = {
  HeadBucket: 'ListBucket',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListBuckets: 'ListAllMyBuckets',
  HeadObject: 'GetObject',
  CopyObject: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  ListParts: 'ListMultipartUploadParts',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
};

export function wishesOf(operation: string, { Bucket, Key, VersionId, Prefix, CopySource, Delete }: Asked): Wish[] {
  const bucket = Bucket ? `arn:aws:s3:::${Bucket}` : '*';
  if (Delete)
    return Delete.Objects.map((one) => ({
      action: versioned('DeleteObject', one.VersionId),
      resource: `${bucket}/${one.Key}`,
    }));
  const action = versioned(named[operation] ?? operation, VersionId);
  const source = CopySource?.split('?')[0];
  return [
    {
      action,
      resource: Key ? `${bucket}/${Key}` : bucket,
      ...(action.startsWith('s3:ListBucket') &&
        operation !== 'HeadBucket' && { context: { 's3:prefix': Prefix ?? '' } }),
    },
    ...(source
      ? [{ action: 's3:GetObject', resource: `arn:aws:s3:::${decodeURIComponent(source).replace(/^\//, '')}` }]
      : []),
  ];
}

const versioned = (action: string, version: string | undefined) =>
  `s3:${action}${version !== undefined && /^(Get|Delete)Object$/.test(action) ? 'Version' : ''}`;
