import type { Properties, ResourceContext, ResourceProvider, World } from '../../model.ts';
import { actions, alreadyExists, generatedName, keeper, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { S3 } from './s3.ts';
import { setPolicy } from './settings.ts';

/** AWS::S3::Bucket and AWS::S3::BucketPolicy, by the CloudFormation template reference. */
export function bucketResources(world: World, s3: S3): Record<string, ResourceProvider> {
  const answer = (name: string, { region }: ResourceContext) => ({
    id: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  });

  function apply(name: string, properties: Properties, context: ResourceContext): void {
    const bucket = s3.bucketAt(name);
    const {
      BucketName: _n,
      Tags: _t,
      VersioningConfiguration: versioning,
      PublicAccessBlockConfiguration: block,
      ...settings
    } = properties;
    if (versioning) bucket.versioning = versioning.Status;
    else if (bucket.versioning) bucket.versioning = 'Suspended';
    if (block)
      bucket.publicAccess = Object.fromEntries(
        Object.entries(block).map(([key, value]) => [key, String(value) === 'true']),
      );
    bucket.settings = structuredClone(settings);
    bucket.tags = tagsOf(properties, context);
  }

  const bucket: ResourceProvider = {
    async create(properties, context) {
      const name = properties.BucketName ?? generatedName(context, world.random, 63).toLowerCase();
      if (s3.buckets.has(name)) throw alreadyExists(name);
      s3.create(context, name);
      apply(name, properties, context);
      return answer(name, context);
    },
    async update(id, properties, _previous, context) {
      apply(id, properties, context);
      return answer(id, context);
    },
    async delete(id) {
      if (s3.buckets.has(id)) s3.drop(id);
    },
    async read(id) {
      const found = s3.buckets.get(id);
      if (!found) return undefined;
      return {
        BucketName: id,
        ...structuredClone(found.settings),
        ...(found.versioning && { VersioningConfiguration: { Status: found.versioning } }),
        ...(found.publicAccess && { PublicAccessBlockConfiguration: found.publicAccess }),
      };
    },
    latency: latencies.bucket,
    wishes(verb, properties, context, id) {
      const set: Record<string, string> = {
        VersioningConfiguration: 's3:PutBucketVersioning',
        PublicAccessBlockConfiguration: 's3:PutBucketPublicAccessBlock',
        BucketEncryption: 's3:PutEncryptionConfiguration',
        LifecycleConfiguration: 's3:PutLifecycleConfiguration',
        OwnershipControls: 's3:PutBucketOwnershipControls',
        CorsConfiguration: 's3:PutBucketCORS',
      };
      const settings = Object.keys(properties).flatMap((key) => set[key] ?? []);
      const own = {
        create: ['s3:CreateBucket', 's3:PutBucketTagging', ...settings],
        update: ['s3:PutBucketTagging', ...settings],
        delete: ['s3:DeleteBucket'],
      };
      const resource = `arn:aws:s3:::${id ?? properties.BucketName ?? `${context.stack.name}-*`}`;
      return own[verb].map((action) => ({ action, resource }));
    },
  };

  const policy = keeper({
    // Template reference: `Ref` gives the name of the bucket.
    id: ({ Bucket }) => Bucket,
    made: ({ properties }) => setPolicy(s3.bucketAt(properties.Bucket), properties.PolicyDocument),
    changed: ({ properties }) => setPolicy(s3.bucketAt(properties.Bucket), properties.PolicyDocument),
    remove({ id }) {
      const found = s3.buckets.get(id);
      if (found) delete found.policy;
    },
    latency: latencies.small,
    wishes: actions(
      {
        create: ['s3:GetBucketPolicy', 's3:PutBucketPolicy'],
        update: ['s3:GetBucketPolicy', 's3:PutBucketPolicy'],
        delete: ['s3:GetBucketPolicy', 's3:DeleteBucketPolicy'],
      },
      ({ Bucket }) => `arn:aws:s3:::${Bucket}`,
    ),
  });

  return { 'AWS::S3::Bucket': bucket, 'AWS::S3::BucketPolicy': policy.provider };
}
