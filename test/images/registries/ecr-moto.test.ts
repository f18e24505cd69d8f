import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDestination } from '../../../images/registries/mod.ts';
import type { Diagnostic } from '../../../pipeline/mod.ts';
import { type Moto, moto, startMoto } from '../../support/moto.ts';

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team';

(moto ? describe : describe.skip)('with moto, a repository of Amazon ECR', () => {
  let server: Moto;
  let client: ECRClient;
  const warnings: Diagnostic[] = [];

  beforeAll(async () => {
    server = await startMoto(moto!);
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    client = new ECRClient({ region: 'eu-west-1', endpoint: server.endpoint, credentials });
  });

  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  async function prepare(application: string, lasting: string[] = []) {
    const env = { AWS_ENDPOINT_URL: server.endpoint, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
    const warn = (diagnostic: Diagnostic) => warnings.push(diagnostic);
    const destination = await openDestination(registry, application, { env, lasting, warn });
    try {
      await destination.prepare();
    } finally {
      await destination.close();
    }
  }

  const repository = async (name: string) =>
    (await client.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }))).repositories![0]!;

  const policy = async (repositoryName: string) =>
    JSON.parse((await client.send(new GetLifecyclePolicyCommand({ repositoryName }))).lifecyclePolicyText!);

  test('is made with its rules, and gets a rule more for an environment that is new', async () => {
    await prepare('shop');
    const made = await repository('team/shop');
    expect(made).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'sha256-*' }],
      imageScanningConfiguration: { scanOnPush: true },
    });
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: made.repositoryArn! }));
    expect(tags).toEqual([{ Key: 'fairlead:app', Value: 'shop' }]);
    const prefixes = async () =>
      (await policy('team/shop')).rules.map(
        ({ selection }: { selection: { tagPrefixList: string[] } }) => selection.tagPrefixList,
      );
    expect(await prefixes()).toEqual([['build-'], ['production-'], ['pr-']]);
    await prepare('shop');
    await prepare('shop', ['staging', 'pr-7']);
    expect(await prefixes()).toEqual([['build-'], ['production-'], ['staging-'], ['pr-']]);
    await prepare('shop', ['demo']);
    expect(await prefixes()).toEqual([['build-'], ['demo-'], ['production-'], ['staging-'], ['pr-']]);
    expect(warnings).toEqual([]);
  });

  test('that somebody else made is left as it is', async () => {
    await client.send(
      new CreateRepositoryCommand({ repositoryName: 'team/other', tags: [{ Key: 'fairlead:app', Value: 'shop' }] }),
    );
    await prepare('other');
    await expect(policy('team/other')).rejects.toThrow('Lifecycle policy does not exist');
    expect(await repository('team/other')).toMatchObject({ imageTagMutability: 'MUTABLE' });
    expect(warnings.map(({ code, severity }) => [code, severity])).toEqual([['FL2221', 'warning']]);
  });
});
