import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from '@jest/globals';
import type { InfraConfig } from '../../../runtime/wire.ts';
import { makeFakeAws } from '../../fakes/aws/fake.ts';
import { fakeGcs, startFakeGcs } from '../../support/fake-gcs.ts';

const program = new URL('../fixtures/large-object.ts', import.meta.url).pathname;
const size = 240_000_000;
const directory = mkdtempSync(join(tmpdir(), 'fairlead-large-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** In a process of its own. */
async function measure(config: InfraConfig): Promise<{ uploaded: number; read: number; growth: number }> {
  const env = { PATH: process.env.PATH, FAIRLEAD_INFRA_CONFIG: JSON.stringify(config) };
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, `${size}`], { env });
  return JSON.parse(stdout);
}

/** The object is never in memory as a whole. */
function expectFlat({ uploaded, read, growth }: Awaited<ReturnType<typeof measure>>): void {
  expect([uploaded, read]).toEqual([size, size]);
  expect(growth).toBeLessThan(size / 2);
}

test('a large object takes little memory on a disk', async () => {
  const files = { directory: join(directory, 'files'), operations: ['upload' as const, 'download' as const] };
  const storage = { type: 'disk' as const, base_url: 'http://127.0.0.1:1', buckets: { files } };
  expectFlat(await measure({ fairlead: { version: 1, object_storage: [storage] } }));
});

test('a large object takes little memory on S3', async () => {
  await using aws = await makeFakeAws({ clock: { factor: 1 } });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = aws.env;
  const region = 'eu-central-1';
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ region, endpoint: aws.url, forcePathStyle: true, credentials });
  const CreateBucketConfiguration = { LocationConstraint: region } as const;
  await client.send(new CreateBucketCommand({ Bucket: 'large-objects', CreateBucketConfiguration }));
  client.destroy();
  const keys = { access_key_id: accessKeyId, secret_access_key: secretAccessKey };
  const buckets = { files: { name: 'large-objects' } };
  expectFlat(await measure({ object_storage: [{ type: 's3', region, endpoint: aws.url, ...keys, buckets }] }));
});

(fakeGcs ? test : test.skip)('a large object takes little memory on Google Cloud Storage', async () => {
  const server = await startFakeGcs(fakeGcs!);
  try {
    await server.createBucket('large-objects');
    const buckets = { files: { name: 'large-objects' } };
    expectFlat(await measure({ object_storage: [{ type: 'gcs', endpoint: server.endpoint, buckets }] }));
  } finally {
    await server.stop();
  }
});
