import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import {
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import * as s3Api from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import { type InStack, inStack, someNetwork } from './aws/in-stack.ts';
import { redisProgram } from './aws/services/elasticache/redis.ts';
import type { Rds } from './aws/services/rds/rds.ts';
import { certificateFile } from './aws/services/tls/certificate.ts';

let aws: FakeAws;
let stack: InStack;
let options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
beforeAll(async () => {
  aws = await makeFakeAws();
  stack = inStack(aws);
  const credentials = { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! };
  options = { endpoint: aws.url, region: 'eu-central-1', credentials };
});
afterAll(() => aws.dispose());

describe('a bucket', () => {
  const Bucket = 'shop-files';
  let s3: s3Api.S3Client;
  const put = (Key: string, Body: string, more: object = {}) =>
    s3.send(new s3Api.PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string, more: object = {}) =>
    (await s3.send(new s3Api.GetObjectCommand({ Bucket, Key, ...more }))).Body!.transformToString();
  beforeAll(async () => {
    s3 = new s3Api.S3Client(options);
    await s3.send(new s3Api.CreateBucketCommand({ Bucket }));
  });

  test('gives back what was put, with its type, and parts of it', async () => {
    await put('a b/ü.txt', 'hello', { ContentType: 'text/plain', Metadata: { by: 'me' } });
    const head = await s3.send(new s3Api.HeadObjectCommand({ Bucket, Key: 'a b/ü.txt' }));
    expect(head).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      Metadata: { by: 'me' },
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
    });
    expect(await get('a b/ü.txt', { Range: 'bytes=1-3' })).toBe('ell');
    await expect(get('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new s3Api.HeadObjectCommand({ Bucket, Key: 'nothing' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('does not write over an object when told not to', async () => {
    await put('once', '1', { IfNoneMatch: '*' });
    await expect(put('once', '2', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await get('once')).toBe('1');
  });

  test('lists by pages, and rolls up what is behind a delimiter', async () => {
    for (const Key of ['list/a', 'list/b/1', 'list/b/2', 'list/c']) await put(Key, Key);
    const first = await s3.send(
      new s3Api.ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/', MaxKeys: 2 }),
    );
    expect(first).toMatchObject({
      IsTruncated: true,
      KeyCount: 2,
      Contents: [{ Key: 'list/a' }],
      CommonPrefixes: [{ Prefix: 'list/b/' }],
    });
    const ContinuationToken = first.NextContinuationToken;
    const second = await s3.send(
      new s3Api.ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/', ContinuationToken }),
    );
    expect(second.Contents!.map(({ Key }) => Key)).toEqual(['list/c']);
  });

  test('takes an object in parts', async () => {
    const Key = 'parts';
    const { UploadId } = await s3.send(new s3Api.CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts = [];
    for (const [index, Body] of ['x'.repeat(5 * 1024 * 1024), 'end'].entries()) {
      const { ETag } = await s3.send(
        new s3Api.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body }),
      );
      Parts.push({ ETag, PartNumber: index + 1 });
    }
    const done = await s3.send(
      new s3Api.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    expect(done.ETag).toMatch(/-2"$/);
    expect(await get(Key, { Range: 'bytes=-4' })).toBe('xend');
  });

  test('keeps versions, and goes only when none of them is left', async () => {
    const VersioningConfiguration = { Status: 'Enabled' };
    const { id: name } = await stack.make('AWS::S3::Bucket', { BucketName: 'kept', VersioningConfiguration });
    const send = (Body: string) => s3.send(new s3Api.PutObjectCommand({ Bucket: name, Key: 'k', Body }));
    const { VersionId } = await send('1');
    await send('2');
    await s3.send(new s3Api.DeleteObjectCommand({ Bucket: name, Key: 'k' }));
    await expect(s3.send(new s3Api.GetObjectCommand({ Bucket: name, Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    const old = await s3.send(new s3Api.GetObjectCommand({ Bucket: name, Key: 'k', VersionId }));
    expect(await old.Body!.transformToString()).toBe('1');
    await expect(stack.unmake('AWS::S3::Bucket', name)).rejects.toMatchObject({ code: 'BucketNotEmpty' });
    const all = await s3.send(new s3Api.ListObjectVersionsCommand({ Bucket: name }));
    expect([all.Versions!.length, all.DeleteMarkers!.length]).toEqual([2, 1]);
    const Objects = [...all.Versions!, ...all.DeleteMarkers!].map(({ Key, VersionId: id }) => ({
      Key: Key!,
      VersionId: id!,
    }));
    await s3.send(new s3Api.DeleteObjectsCommand({ Bucket: name, Delete: { Objects } }));
    await stack.unmake('AWS::S3::Bucket', name);
    await expect(s3.send(new s3Api.HeadBucketCommand({ Bucket: name }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('refuses a policy that lets anybody in', async () => {
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
    ];
    const PolicyDocument = { Version: '2012-10-17', Statement };
    await expect(stack.make('AWS::S3::BucketPolicy', { Bucket, PolicyDocument })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });
});

describe('a DB instance', () => {
  const type = 'AWS::RDS::DBInstance';
  let properties: Record<string, unknown>;
  let endpoint: { host: string; port: number };
  let secret: string;
  beforeAll(async () => {
    const { subnets, group } = await someNetwork(stack);
    const { id } = await stack.make('AWS::RDS::DBSubnetGroup', { DBSubnetGroupDescription: 'd', SubnetIds: subnets });
    properties = {
      DBInstanceIdentifier: 'shop',
      Engine: 'postgres',
      EngineVersion: '18',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: '20',
      MasterUsername: 'fairlead',
      ManageMasterUserPassword: true,
      DBSubnetGroupName: id,
      VPCSecurityGroups: [group],
      DeletionProtection: true,
    };
    const { attributes = {} } = await stack.make(type, properties);
    endpoint = { host: String(attributes['Endpoint.Address']), port: Number(attributes['Endpoint.Port']) };
    secret = String(attributes['MasterUserSecret.SecretArn']);
  });

  const connected = async (ssl: false | { ca: string }) => {
    const { SecretString } = await new SecretsManagerClient(options).send(
      new GetSecretValueCommand({ SecretId: secret }),
    );
    const { username: user, password } = JSON.parse(SecretString!);
    const client = new Client({ ...endpoint, user, password, database: 'postgres', ssl });
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  test('is a real PostgreSQL whose master may make databases and roles, and is no superuser', async () => {
    const client = await connected({ ca: readFileSync(certificateFile, 'utf8') });
    try {
      const { rows } = await client.query(
        'SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user',
      );
      expect(rows).toEqual([{ rolsuper: false, rolcreatedb: true, rolcreaterole: true }]);
      await client.query("CREATE ROLE app LOGIN PASSWORD 'x'");
      await client.query('CREATE DATABASE shop');
      await expect(client.query("COPY pg_database TO '/tmp/x'")).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });

  test('wants TLS', async () => {
    await expect(connected(false)).rejects.toMatchObject({
      code: '28000',
      message: expect.stringContaining('no encryption'),
    });
  });

  test('is described, does not go while it is protected, and leaves a snapshot', async () => {
    const rds = new RDSClient(options);
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'shop' }));
    expect(DBInstances).toMatchObject([
      { DBInstanceStatus: 'available', DeletionProtection: true, Endpoint: { Port: endpoint.port } },
    ]);
    const { DBEngineVersions } = await rds.send(
      new DescribeDBEngineVersionsCommand({ Engine: 'postgres', EngineVersion: '18' }),
    );
    expect(DBEngineVersions).toMatchObject([{ DBParameterGroupFamily: 'postgres18' }]);
    await expect(stack.unmake(type, 'shop', properties)).rejects.toThrow('Cannot delete protected DB Instance');
    await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'shop', DeletionProtection: false }));
    await stack.unmake(type, 'shop', properties, true);
    await expect(rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'shop' }))).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
    });
    expect([...aws.world.service<Rds>('rds').snapshots.values()]).toMatchObject([{ instance: 'shop' }]);
  });
});

const withRedis = redisProgram ? describe : describe.skip;
withRedis('a replication group', () => {
  test('is a real server behind TLS, whose users have the keys that their access string says', async () => {
    const user = (id: string, UserName: string, AccessString: string) =>
      stack.make('AWS::ElastiCache::User', {
        UserId: id,
        UserName,
        Engine: 'valkey',
        AccessString,
        AuthenticationMode: { Type: 'password', Passwords: [`${id}-0123456789abcdef`] },
      });
    await user('nobody', 'default', 'off resetchannels -@all');
    await user('shop', 'shop', 'on ~shop/* resetchannels +@all -@admin -@dangerous');
    const group = { UserGroupId: 'users', Engine: 'valkey', UserIds: ['nobody', 'shop'] };
    await stack.make('AWS::ElastiCache::UserGroup', group);
    const { attributes = {} } = await stack.make('AWS::ElastiCache::ReplicationGroup', {
      ReplicationGroupId: 'cache',
      Engine: 'valkey',
      UserGroupIds: ['users'],
      TransitEncryptionEnabled: true,
    });
    const port = Number(attributes['PrimaryEndPoint.Port']);
    const say = (...lines: string[]) => spoken(port, lines);
    expect(await say('GET shop/a')).toEqual([expect.stringContaining('NOAUTH')]);
    expect(await say('AUTH shop shop-0123456789abcdef', 'SET shop/a 1', 'SET other 1', 'FLUSHALL')).toEqual([
      '+OK',
      '+OK',
      expect.stringContaining('NOPERM'),
      expect.stringContaining('NOPERM'),
    ]);
  });
});

/** The answers to inline commands of the Redis protocol, one line each. */
function spoken(port: number, lines: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(certificateFile) });
    let seen = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
      const answers = seen.split('\r\n').slice(0, -1);
      if (answers.length < lines.length) return;
      socket.destroy();
      resolve(answers);
    });
    socket.on('error', reject);
    socket.write(lines.map((line) => `${line}\r\n`).join(''));
  });
}
