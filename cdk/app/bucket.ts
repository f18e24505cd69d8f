import type { CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { mean } from '../draft.ts';
import { cloudfront, s3 } from '../library.ts';
import { globalName, logicalId } from '../names.ts';
import { declared, type Scope } from './scope.ts';

/** What a bucket became. */
export interface BucketFacts {
  name: string;
  arn: string;
  versioned: boolean;
  /** Where everybody reads its objects. */
  publicBaseUrl?: string;
}

/** AWS's own: everything is kept for a day, unless the object says otherwise. */
const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';

/** By name. Private, encrypted, TLS only; public ones are read through CloudFront, never from the bucket itself. */
export function buckets(scope: Scope): Record<string, BucketFacts> {
  return Object.fromEntries(scope.input.plan.buckets.map((bucket) => [bucket.name, facts(scope, bucket)]));
}

function facts(
  scope: Scope,
  { name, public: everybody, versioned }: Scope['input']['plan']['buckets'][number],
): BucketFacts {
  const { account, plan } = scope.input;
  const { application, name: environment } = plan.environment;
  const meaning = { subject: `bucket ${name}`, ...declared(scope, 'bucket', name) };
  const made = mean(
    scope,
    new s3.CfnBucket(scope.scope, logicalId('Bucket', name), {
      bucketName: globalName(account, 'bucket', application, environment, name),
      bucketEncryption: {
        serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
      },
      publicAccessBlockConfiguration: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
      ...(versioned && { versioningConfiguration: { status: 'Enabled' } }),
      lifecycleConfiguration: {
        rules: [{ id: 'uploads', status: 'Enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } }],
      },
      ...(signs(scope, name) && {
        // A signed URL is all the permission there is: pages of any origin may use one they were given.
        corsConfiguration: {
          corsRules: [
            { allowedMethods: ['GET', 'HEAD', 'PUT'], allowedOrigins: ['*'], allowedHeaders: ['*'], maxAge: 3600 },
          ],
        },
      }),
    }),
    { ...meaning, data: name },
  );
  if (!scope.preview) {
    made.addOverride('DeletionPolicy', 'RetainExceptOnCreate');
    made.addOverride('UpdateReplacePolicy', 'Retain');
  }
  const distribution = everybody ? publish(scope, name, made) : undefined;
  mean(
    scope,
    new s3.CfnBucketPolicy(scope.scope, logicalId('BucketPolicy', name), {
      bucket: made.ref,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'EncryptedOnly',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [made.attrArn, `${made.attrArn}/*`],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          ...(distribution
            ? [
                {
                  Sid: 'Public',
                  Effect: 'Allow',
                  Principal: { Service: 'cloudfront.amazonaws.com' },
                  Action: 's3:GetObject',
                  Resource: `${made.attrArn}/*`,
                  Condition: {
                    StringEquals: {
                      'aws:SourceArn': `arn:${account.partition}:cloudfront::${account.id}:distribution/${distribution.ref}`,
                    },
                  },
                },
              ]
            : []),
        ],
      },
    }),
    { ...meaning, subject: `who may read the bucket ${name}` },
  );
  return {
    name: made.ref,
    arn: made.attrArn,
    versioned,
    ...(distribution && { publicBaseUrl: `https://${distribution.attrDomainName}` }),
  };
}

function publish(scope: Scope, name: string, bucket: CfnBucket): CfnDistribution {
  const meaning = { subject: `public address of the bucket ${name}`, ...declared(scope, 'bucket', name) };
  const access = mean(
    scope,
    new cloudfront.CfnOriginAccessControl(scope.scope, logicalId('BucketReader', name), {
      originAccessControlConfig: {
        name: scope.name('originAccess', name),
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol: 'sigv4',
      },
    }),
    meaning,
  );
  return mean(
    scope,
    new cloudfront.CfnDistribution(scope.scope, logicalId('BucketAddress', name), {
      distributionConfig: {
        enabled: true,
        comment: `Fairlead: ${bucket.bucketName}`,
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        priceClass: 'PriceClass_100',
        origins: [
          {
            id: 'bucket',
            domainName: bucket.attrRegionalDomainName,
            originAccessControlId: access.ref,
            s3OriginConfig: { originAccessIdentity: '' },
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: 'bucket',
          viewerProtocolPolicy: 'redirect-to-https',
          allowedMethods: ['GET', 'HEAD'],
          cachedMethods: ['GET', 'HEAD'],
          compress: true,
          cachePolicyId: cachingOptimized,
        },
      },
    }),
    meaning,
  );
}

function signs({ input }: Scope, name: string): boolean {
  return input.plan.permissions.some(
    ({ resource, operations }) =>
      resource.kind === 'bucket' &&
      resource.name === name &&
      operations.some((operation) => operation === 'sign-upload' || operation === 'sign-download'),
  );
}
