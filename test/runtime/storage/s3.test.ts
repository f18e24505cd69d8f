import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { configuredBucket } from '../../../runtime/storage/objects/configured.ts';
import { Bucket, ObjectNotFound } from '../../../runtime/storage/objects/mod.ts';
import { type BucketProvider, provideBuckets } from '../../../runtime/storage/objects/provider.ts';
import { openBucket } from '../../../runtime/storage/objects/s3.ts';
import type { S3Storage } from '../../../runtime/wire.ts';
import { describeBuckets } from '../../conformance/buckets.ts';
import { type FakeAws, makeFakeAws } from '../../fakes/aws/fake.ts';
import { type AwsJudge, awsJudges } from '../../support/aws-judges.ts';

const region = 'eu-central-1';

describe.each(awsJudges)('with $name, a bucket on S3', ({ absent, start }) => {
  if (absent) return test.skip('moto is not there', () => {});
  let server: AwsJudge;
  let client: S3Client;
  let count = 0;
  let files: Bucket;
  let versions: Bucket;
  let other: Bucket;

  beforeAll(async () => {
    server = await start();
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = server.env;
    const credentials = { accessKeyId, secretAccessKey };
    client = new S3Client({ region, endpoint: server.endpoint, forcePathStyle: true, credentials });
    process.env.S3_SECRET = secretAccessKey;
    const storage: S3Storage = {
      type: 's3',
      region,
      endpoint: server.endpoint,
      access_key_id: accessKeyId,
      secret_access_key: { $env: 'S3_SECRET' },
      buckets: {},
    };
    const opened = (config: S3Storage['buckets'][string]): BucketProvider =>
      Object.assign(openBucket(storage, config), { publicUrl: () => '' });
    provideBuckets((bucket) => {
      const [kind, index] = bucket.split(' ');
      if (kind === 'versions') return opened({ name: `versioned-${index}` });
      return opened({ name: `bucket-${index}`, key_prefix: kind === 'files' ? 'pr-1/' : 'pr-2/' });
    });
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });
  beforeEach(async () => {
    count += 1;
    for (const name of [`bucket-${count}`, `versioned-${count}`]) {
      const CreateBucketConfiguration = { LocationConstraint: region } as const;
      await client.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
    }
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: `versioned-${count}`, VersioningConfiguration }));
    [files, versions, other] = ['files', 'versions', 'other'].map((name) => new Bucket(`${name} ${count}`)) as [
      Bucket,
      Bucket,
      Bucket,
    ];
  });

  const unfinished = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: `bucket-${count}` }))).Uploads?.length ?? 0;
  describeBuckets(() => ({ files, versions, other, unfinished }));

  test('signed URLs take and give the object, for their time', async () => {
    const { url: up } = await files.signedUploadUrl('by/others', { ttl: 60 });
    expect((await fetch(up, { method: 'PUT', body: 'from outside' })).status).toBe(200);
    const { url: down } = await files.signedDownloadUrl('by/others');
    expect(await (await fetch(down)).text()).toBe('from outside');
    const query = new URL(down).searchParams;
    expect([query.get('X-Amz-Expires'), query.get('X-Amz-Algorithm')]).toEqual(['3600', 'AWS4-HMAC-SHA256']);
    expect(new URL(up).searchParams.get('X-Amz-Expires')).toBe('60');
    expect([...new URL(up).searchParams.keys()].filter((key) => /checksum/i.test(key))).toEqual([]);
  });
});

test('what is not there is an error, also to a process that may not list', async () => {
  await using aws = await makeFakeAws();
  const { iam, sts, s3 } = clientsOf(aws);
  await s3.send(
    new CreateBucketCommand({ Bucket: 'photos', CreateBucketConfiguration: { LocationConstraint: region } }),
  );
  const policy = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  const trust = policy({ Effect: 'Allow', Principal: { AWS: aws.world.account }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }));
  const PolicyDocument = policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read', PolicyDocument }));
  const session = await sts.send(new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: 'one' }));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = session.Credentials!;
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: AccessKeyId,
    AWS_SECRET_ACCESS_KEY: SecretAccessKey,
    AWS_SESSION_TOKEN: SessionToken,
  });
  try {
    const storage: S3Storage = { type: 's3', region, endpoint: aws.url, buckets: {} };
    const provider = Object.assign(openBucket(storage, { name: 'photos' }), { publicUrl: () => '' });
    provideBuckets(() => provider);
    const photos = new Bucket('photos');
    expect(await photos.exists('a')).toBe(false);
    await expect(photos.download('a')).rejects.toBeInstanceOf(ObjectNotFound);
    await expect(photos.upload('a', Buffer.from('a'))).rejects.toThrow(/not authorized|Access Denied/);
  } finally {
    process.env = before;
    for (const client of [iam, sts, s3]) client.destroy();
  }
});

function clientsOf({ env, url }: FakeAws) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = env;
  const credentials = { accessKeyId, secretAccessKey };
  const settings = { region, endpoint: url, credentials };
  return {
    iam: new IAMClient(settings),
    sts: new STSClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
  };
}

test('the configuration says where buckets are, and public URLs need no question', async () => {
  process.env.FAIRLEAD_INFRA_CONFIG = JSON.stringify({
    object_storage: [
      {
        type: 's3',
        region,
        endpoint: 'http://127.0.0.1:1',
        access_key_id: 'key',
        secret_access_key: 'secret',
        buckets: {
          files: { name: 'bucket', key_prefix: 'pr-1/', public_base_url: 'https://cdn.example/' },
          closed: { name: 'bucket' },
        },
      },
    ],
  });
  provideBuckets(configuredBucket);
  const [files, closed] = [new Bucket('files'), new Bucket('closed')];
  expect(files.publicUrl('a b/ü')).toBe('https://cdn.example/pr-1/a%20b/%C3%BC');
  expect(() => closed.publicUrl('a')).toThrow('bucket closed: this bucket has no public URL in this environment');
  const { url } = await closed.signedDownloadUrl('a b', { ttl: 60 });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:1\/bucket\/a%20b\?.*X-Amz-Expires=60/);
  await expect(new Bucket('unknown').exists('a')).rejects.toThrow('is not configured for use by this process');
});
