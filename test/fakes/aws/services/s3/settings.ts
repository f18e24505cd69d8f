import { AwsError, type Operation } from '../../model.ts';
import type { Bucket } from './bucket.ts';

/** What is set of a bucket as a whole. */
export function bucketSettings(bucketAt: (name: string) => Bucket): Record<string, Operation> {
  return {
    GetBucketLocation({ Bucket: name }: { Bucket: string }) {
      const { region } = bucketAt(name);
      return { ...(region !== 'us-east-1' && { LocationConstraint: region }) };
    },
    GetBucketVersioning({ Bucket: name }: { Bucket: string }) {
      const { versioning } = bucketAt(name);
      return { ...(versioning && { Status: versioning }) };
    },
    PutBucketVersioning(input: { Bucket: string; VersioningConfiguration: { Status: 'Enabled' | 'Suspended' } }) {
      bucketAt(input.Bucket).versioning = input.VersioningConfiguration.Status;
    },
    GetBucketPolicy({ Bucket: name }: { Bucket: string }) {
      const { policy } = bucketAt(name);
      if (!policy) throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
      return { Policy: JSON.stringify(policy) };
    },
    PutBucketPolicy({ Bucket: name, Policy }: { Bucket: string; Policy: string }) {
      setPolicy(bucketAt(name), JSON.parse(Policy));
    },
    DeleteBucketPolicy({ Bucket: name }: { Bucket: string }) {
      delete bucketAt(name).policy;
    },
    GetPublicAccessBlock({ Bucket: name }: { Bucket: string }) {
      const { publicAccess } = bucketAt(name);
      if (!publicAccess)
        throw new AwsError(
          'NoSuchPublicAccessBlockConfiguration',
          'The public access block configuration was not found',
          404,
        );
      return { PublicAccessBlockConfiguration: publicAccess };
    },
    PutPublicAccessBlock(input: { Bucket: string; PublicAccessBlockConfiguration: Record<string, boolean> }) {
      bucketAt(input.Bucket).publicAccess = input.PublicAccessBlockConfiguration;
    },
    GetBucketLifecycleConfiguration({ Bucket: name }: { Bucket: string }) {
      const { Rules } = (bucketAt(name).settings.LifecycleConfiguration ?? {}) as Lifecycle;
      if (!Rules) throw new AwsError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404);
      return { Rules };
    },
    // Rules are kept as they came; nothing expires here.
    PutBucketLifecycleConfiguration(input: { Bucket: string; LifecycleConfiguration: Lifecycle }) {
      bucketAt(input.Bucket).settings.LifecycleConfiguration = input.LifecycleConfiguration;
    },
    GetBucketTagging({ Bucket: name }: { Bucket: string }) {
      const { tags } = bucketAt(name);
      if (Object.keys(tags).length === 0) throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404);
      return { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },
    PutBucketTagging(input: { Bucket: string; Tagging: { TagSet: { Key: string; Value: string }[] } }) {
      bucketAt(input.Bucket).tags = Object.fromEntries(input.Tagging.TagSet.map(({ Key, Value }) => [Key, Value]));
    },
  };
}

interface Lifecycle {
  Rules?: unknown[];
}

/** "Blocking public access to your Amazon S3 storage": BlockPublicPolicy refuses a policy that lets anybody in. */
export function setPolicy(bucket: Bucket, policy: unknown): void {
  const statements = [(policy as { Statement: Statement | Statement[] }).Statement].flat();
  const open = statements.some(
    ({ Effect, Principal, Condition }) => Effect === 'Allow' && anybody(Principal) && !Condition,
  );
  if (open && bucket.publicAccess?.BlockPublicPolicy)
    throw new AwsError(
      'AccessDenied',
      'because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
      403,
    );
  bucket.policy = policy;
}

interface Statement {
  Effect: string;
  Principal?: unknown;
  Condition?: unknown;
}

const anybody = (principal: unknown) =>
  principal === '*' || [(principal as { AWS?: unknown } | undefined)?.AWS].flat().includes('*');
