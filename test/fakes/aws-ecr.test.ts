import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  ListImageReferrersCommand,
  ListImagesCommand,
  PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encode } from '../../images/oci/image/image.ts';
import { artifactOf, sbomType } from '../../images/oci/image/mod.ts';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import type { ResourceContext } from './aws/model.ts';
import type { Ecr } from './aws/services/ecr/model.ts';
import { pushProgram, signedIn } from './aws-push.ts';

let fake: FakeAws;
let client: ECRClient;
beforeAll(async () => {
  fake = await makeFakeAws();
  client = new ECRClient(clientOf(fake));
});
afterAll(async () => {
  client.destroy();
  await fake.dispose();
});

const clientOf = ({ env }: FakeAws) => ({
  endpoint: env.AWS_ENDPOINT_URL!,
  region: env.AWS_REGION!,
  credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! },
  maxAttempts: 1,
});

const source = 'console.log(1)';

async function made(repositoryName: string, extra: object = {}): Promise<string> {
  const { repository } = await client.send(new CreateRepositoryCommand({ repositoryName, ...extra }));
  return repository?.repositoryUri ?? '';
}

test('what is pushed is there by tag and by digest, and a list keeps what it names', async () => {
  const uri = await made('shop/web');
  const imageDigest = await pushProgram(client, uri, 'pr-1', { source });
  const of = { repositoryName: 'shop/web' };
  const { imageDetails = [] } = await client.send(
    new DescribeImagesCommand({ ...of, imageIds: [{ imageTag: 'pr-1' }] }),
  );
  expect(imageDetails).toEqual([expect.objectContaining({ imageDigest, imageTags: ['pr-1'] })]);
  const { imageIds = [] } = await client.send(new ListImagesCommand({ ...of, filter: { tagStatus: 'UNTAGGED' } }));
  expect(imageIds).toHaveLength(1);
  const { images = [] } = await client.send(new BatchGetImageCommand({ ...of, imageIds: [{ imageDigest }] }));
  expect(JSON.parse(images[0]?.imageManifest ?? '')).toMatchObject({
    manifests: [{ digest: imageIds[0]?.imageDigest }],
  });
  const refused = await client.send(new BatchDeleteImageCommand({ ...of, imageIds }));
  expect(refused.failures).toEqual([expect.objectContaining({ failureCode: 'ImageReferencedByManifestList' })]);
  await client.send(new BatchDeleteImageCommand({ ...of, imageIds: [{ imageDigest }] }));
  await client.send(new BatchDeleteImageCommand({ ...of, imageIds }));
  expect((await client.send(new ListImagesCommand(of))).imageIds).toEqual([]);
});

test('the registry asks who it is, and makes no repository by itself', async () => {
  const host = await fake.world.service<Ecr>('ecr').host();
  const stranger = openRegistry(host, { retry: { attempts: 1 } });
  await expect(stranger.repository('shop/web').tags()).rejects.toThrow(/sign|401|credential/i);
  await stranger.close();
  await expect(pushProgram(client, `${host}/shop/none`, 'a', { source })).rejects.toThrow(/none/);
  await expect(client.send(new DescribeRepositoriesCommand({ repositoryNames: ['shop/none'] }))).rejects.toMatchObject({
    name: 'RepositoryNotFoundException',
  });
});

test('tags of an immutable repository stay, but for those that are excluded', async () => {
  const uri = await made('shop/fixed', {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'sha256-*' }],
  });
  await pushProgram(client, uri, 'v1', { source });
  await expect(pushProgram(client, uri, 'v1', { source: 'console.log(2)' })).rejects.toThrow(/immutable/);
  await pushProgram(client, uri, 'sha256-1', { source });
  await pushProgram(client, uri, 'sha256-1', { source: 'console.log(3)' });
});

test('referrers are found by their subject, and go with it', async () => {
  const uri = await made('shop/sbom');
  const digest = await pushProgram(client, uri, 'v1', { source });
  const registry = await signedIn(client, uri.split('/')[0]!);
  const repository = registry.repository('shop/sbom');
  const subject = await repository.manifest(digest);
  const sbom = artifactOf(encode(sbomType, {}), subject!.descriptor, 'sbom.json');
  for (const blob of [sbom.config, sbom.content]) await repository.writeBlob(blob.descriptor, () => blob.bytes);
  await repository.putManifest(sbom.manifest.bytes, sbom.manifest.descriptor.mediaType);
  expect(await repository.referrers(digest)).toHaveLength(1);
  await registry.close();
  const found = await client.send(
    new ListImageReferrersCommand({ repositoryName: 'shop/sbom', subjectId: { imageDigest: digest } }),
  );
  expect(found.referrers).toHaveLength(1);
  await client.send(new BatchDeleteImageCommand({ repositoryName: 'shop/sbom', imageIds: [{ imageDigest: digest }] }));
  const { imageIds = [] } = await client.send(new ListImagesCommand({ repositoryName: 'shop/sbom' }));
  expect(imageIds).toHaveLength(1);
});

test('a lifecycle policy takes old previews, and leaves what a rule before it selects', async () => {
  const uri = await made('shop/old');
  await pushProgram(client, uri, 'production-1', { source });
  await pushProgram(client, uri, 'pr-1', { source: 'console.log(4)' });
  const rule = (rulePriority: number, tagPrefixList: string[], count: object) => ({
    rulePriority,
    selection: { tagStatus: 'tagged', tagPrefixList, ...count },
    action: { type: 'expire' },
  });
  const rules = [
    rule(1, ['production-'], { countType: 'imageCountMoreThan', countNumber: 1_000_000 }),
    rule(2, ['pr-'], { countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 }),
  ];
  await client.send(
    new PutLifecyclePolicyCommand({ repositoryName: 'shop/old', lifecyclePolicyText: JSON.stringify({ rules }) }),
  );
  const ecr = fake.world.service<Ecr>('ecr');
  expect(ecr.expireImages()).toBe(0);
  await fake.world.clock.advance(15 * 86_400_000);
  expect(ecr.expireImages()).toBe(1);
  const { imageIds = [] } = await client.send(
    new ListImagesCommand({ repositoryName: 'shop/old', filter: { tagStatus: 'TAGGED' } }),
  );
  expect(imageIds.map(({ imageTag }) => imageTag)).toEqual(['production-1']);
});

test('CloudFormation does not delete a repository that has images, unless that is wanted', async () => {
  const provider = fake.world.provider('AWS::ECR::Repository')!;
  const context: ResourceContext = {
    account: '123456789012',
    region: 'eu-central-1',
    principal: { kind: 'root', account: '123456789012' },
    requestId: 'r',
    stack: { id: 'arn:stack', name: 'shop' },
    logicalId: 'Web',
    tags: {},
    express: false,
    signal: new AbortController().signal,
    initiated: () => undefined,
    snapshot: false,
  };
  const { id, attributes } = await provider.create({ RepositoryName: 'shop/stack' }, context);
  await pushProgram(client, String(attributes?.RepositoryUri), 'v1', { source });
  await expect(provider.delete(id, {}, context)).rejects.toThrow(/cannot be deleted because it still contains images/);
  await provider.delete(id, { EmptyOnDelete: true }, context);
  expect(await provider.read(id, context)).toBeUndefined();
});
