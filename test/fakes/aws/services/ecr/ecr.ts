import {
  AwsError,
  type Call,
  type Operation,
  type Properties,
  type ResourceContext,
  type ResourceProvider,
  type World,
} from '../../model.ts';
import { tagList, tagsOf } from '../keeper.ts';
import { expire } from './lifecycle.ts';
import type { Ecr } from './model.ts';
import { type Holder, startRegistry } from './registry.ts';
import {
  arnOf,
  createRepositories,
  findImage,
  type ImageRecord,
  isReferenced,
  type RepositoryRecord,
  removeImage,
  sizeOf,
  type Where,
} from './repositories.ts';
import { createBlobStore } from './store.ts';

/** ECR API, "GetAuthorizationToken": valid for 12 hours. */
const tokenLife = 12 * 3_600_000;

interface ImageId {
  imageTag?: string;
  imageDigest?: string;
}

interface NewRepository {
  repositoryName: string;
  imageTagMutability?: string;
  imageTagMutabilityExclusionFilters?: RepositoryRecord['exclusions'];
  imageScanningConfiguration?: { scanOnPush?: boolean };
}

/** Amazon ECR, with a registry on loopback that really keeps what is pushed. */
export function createEcr(world: World): Ecr {
  const repositories = createRepositories();
  const tokens = new Map<string, Holder>();
  let blobs: ReturnType<typeof createBlobStore> | undefined;
  let registry: ReturnType<typeof startRegistry> | undefined;
  let knownHost = '';

  function running(): ReturnType<typeof startRegistry> {
    blobs ??= createBlobStore();
    registry ??= startRegistry({
      world,
      repositories,
      blobs,
      holderOf(token) {
        const holder = tokens.get(token);
        return holder && holder.expires > world.clock.now() ? holder : undefined;
      },
    }).then((started) => {
      knownHost = started.host;
      return started;
    });
    return registry;
  }
  const host = async () => (await running()).host;

  async function view(record: RepositoryRecord): Promise<object> {
    return {
      repositoryArn: record.arn,
      registryId: record.where.account,
      repositoryName: record.name,
      repositoryUri: `${await host()}/${record.name}`,
      createdAt: new Date(record.createdAt),
      imageTagMutability: record.mutability,
      ...(record.exclusions.length > 0 && { imageTagMutabilityExclusionFilters: record.exclusions }),
      imageScanningConfiguration: { scanOnPush: record.scanOnPush },
      encryptionConfiguration: { encryptionType: 'AES256' },
    };
  }

  function create(input: NewRepository, { account, region }: Where, tags: Record<string, string>): RepositoryRecord {
    const name = input.repositoryName;
    const where = { account, region };
    if (!/^(?=.{2,256}$)([a-z0-9]+([._-]|__|-+)?)+(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/.test(name))
      throw new AwsError(
        'InvalidParameterException',
        `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*''`,
      );
    if (repositories.find(where, name))
      throw new AwsError(
        'RepositoryAlreadyExistsException',
        `The repository with name '${name}' already exists in the registry with id '${account}'`,
      );
    const record: RepositoryRecord = {
      where,
      name,
      arn: arnOf(where, name),
      createdAt: world.clock.now(),
      mutability: input.imageTagMutability ?? 'MUTABLE',
      exclusions: input.imageTagMutabilityExclusionFilters ?? [],
      scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      tags,
      images: new Map(),
    };
    repositories.all.set(record.arn, record);
    return record;
  }

  function remove(record: RepositoryRecord, force: boolean): void {
    if (record.images.size > 0 && !force)
      throw new AwsError(
        'RepositoryNotEmptyException',
        `The repository with name '${record.name}' in registry with id '${record.where.account}' cannot be deleted because it still contains images`,
      );
    repositories.all.delete(record.arn);
  }

  const of = (input: { registryId?: string; repositoryName: string }, { account, region }: Call) =>
    repositories.get({ account: input.registryId ?? account, region }, input.repositoryName);
  const byArn = (arn: string) => {
    const found = repositories.all.get(arn);
    if (!found) throw new AwsError('RepositoryNotFoundException', `The repository with ARN '${arn}' does not exist`);
    return found;
  };
  const policyOf = (record: RepositoryRecord) => {
    if (!record.lifecyclePolicy)
      throw new AwsError(
        'LifecyclePolicyNotFoundException',
        `Lifecycle policy does not exist for the repository with name '${record.name}' in the registry with id '${record.where.account}'`,
      );
    return {
      registryId: record.where.account,
      repositoryName: record.name,
      lifecyclePolicyText: record.lifecyclePolicy,
    };
  };

  const operations: Record<string, Operation> = {
    async CreateRepository(input, call) {
      const tags = Object.fromEntries(
        (input.tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]),
      );
      return { repository: await view(create(input, call, tags)) };
    },
    async DescribeRepositories(
      { repositoryNames, registryId }: { repositoryNames?: string[]; registryId?: string },
      call,
    ) {
      const where = { account: registryId ?? call.account, region: call.region };
      const found = repositoryNames
        ? repositoryNames.map((name) => repositories.get(where, name))
        : repositories.of(where);
      return { repositories: await Promise.all(found.map(view)) };
    },
    async DeleteRepository(input, call) {
      const record = of(input, call);
      remove(record, input.force ?? false);
      return { repository: await view(record) };
    },
    PutImageTagMutability(input, call) {
      const record = of(input, call);
      record.mutability = input.imageTagMutability;
      record.exclusions = input.imageTagMutabilityExclusionFilters ?? [];
      return { registryId: record.where.account, repositoryName: record.name, imageTagMutability: record.mutability };
    },
    async GetAuthorizationToken(_input, { account, region, principal }) {
      const token = world.random.text(200);
      const now = world.clock.now();
      const expires = now + tokenLife;
      tokens.set(token, { account, region, principal, expires });
      const authorizationToken = Buffer.from(`AWS:${token}`).toString('base64');
      return {
        authorizationData: [
          { authorizationToken, expiresAt: new Date(expires), proxyEndpoint: `http://${await host()}` },
        ],
      };
    },
    DescribeImages(input, call) {
      const record = of(input, call);
      const wanted = (input.imageIds as ImageId[] | undefined)?.map((id) => {
        const image = imageOf(record, id);
        if (!image) throw notFound(record, id);
        return image;
      });
      const { tagStatus } = input.filter ?? {};
      const all = wanted ?? [...record.images.values()].filter((image) => isOfStatus(image, tagStatus));
      return { imageDetails: all.map((image) => detail(record, image)) };
    },
    ListImages(input, call) {
      const record = of(input, call);
      const all = [...record.images.values()].filter((image) => isOfStatus(image, input.filter?.tagStatus));
      return { imageIds: all.flatMap(idsOf) };
    },
    BatchGetImage(input, call) {
      const record = of(input, call);
      const found = (input.imageIds as ImageId[]).map((id) => [id, imageOf(record, id)] as const);
      return {
        images: found.flatMap(([id, image]) =>
          image
            ? [
                {
                  registryId: record.where.account,
                  repositoryName: record.name,
                  imageId: { imageDigest: image.digest, ...(id.imageTag && { imageTag: id.imageTag }) },
                  imageManifest: image.bytes.toString(),
                  imageManifestMediaType: image.mediaType,
                },
              ]
            : [],
        ),
        failures: found.flatMap(([imageId, image]) =>
          image ? [] : [{ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' }],
        ),
      };
    },
    /** A tag goes by itself unless it is the last; a digest takes the image, unless a list names it. */
    BatchDeleteImage(input, call) {
      const record = of(input, call);
      const imageIds: ImageId[] = [];
      const failures: object[] = [];
      for (const id of input.imageIds as ImageId[]) {
        const image = imageOf(record, id);
        if (!image)
          failures.push({ imageId: id, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' });
        else if (id.imageTag && image.tags.size > 1) {
          image.tags.delete(id.imageTag);
          imageIds.push({ imageDigest: image.digest, imageTag: id.imageTag });
        } else if (isReferenced(record, image.digest))
          failures.push({
            imageId: id,
            failureCode: 'ImageReferencedByManifestList',
            failureReason: 'Requested image referenced by manifest list',
          });
        else {
          imageIds.push(...idsOf(image));
          removeImage(record, image.digest);
        }
      }
      return { imageIds, failures };
    },
    ListImageReferrers(input, call) {
      const record = of(input, call);
      const types = input.filter?.artifactTypes as string[] | undefined;
      const referrers = [...record.images.values()]
        .filter(
          ({ subject, artifactType = '' }) =>
            subject === input.subjectId.imageDigest && (!types || types.includes(artifactType)),
        )
        .map((image) => ({
          digest: image.digest,
          mediaType: image.mediaType,
          size: image.bytes.length,
          ...(image.artifactType && { artifactType: image.artifactType }),
        }));
      return { referrers };
    },
    GetLifecyclePolicy: (input, call) => policyOf(of(input, call)),
    PutLifecyclePolicy(input, call) {
      const record = of(input, call);
      record.lifecyclePolicy = input.lifecyclePolicyText;
      return policyOf(record);
    },
    DeleteLifecyclePolicy(input, call) {
      const record = of(input, call);
      const answer = policyOf(record);
      delete record.lifecyclePolicy;
      return answer;
    },
    ListTagsForResource: ({ resourceArn }) => ({ tags: tagList(byArn(resourceArn).tags) }),
    TagResource({ resourceArn, tags }: { resourceArn: string; tags: { Key: string; Value: string }[] }) {
      Object.assign(byArn(resourceArn).tags, Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
      return {};
    },
    UntagResource({ resourceArn, tagKeys }: { resourceArn: string; tagKeys: string[] }) {
      for (const key of tagKeys) delete byArn(resourceArn).tags[key];
      return {};
    },
  };

  return {
    id: 'ecr',
    operations,
    resources: { 'AWS::ECR::Repository': provider({ repositories, create, remove, host, random: world.random }) },
    authorize: (
      operation,
      input: { repositoryName?: string; repositoryNames?: string[]; resourceArn?: string },
      call,
    ) => {
      const names = input.repositoryNames ?? (input.repositoryName ? [input.repositoryName] : undefined);
      const onAll = operation === 'GetAuthorizationToken' ? ['*'] : [input.resourceArn ?? arnOf(call, '*')];
      return (names?.map((name) => arnOf(call, name)) ?? onAll).map((resource) => ({
        action: `ecr:${operation}`,
        resource,
      }));
    },
    policyOf: (arn) => {
      const text = repositories.all.get(arn)?.policy;
      return text && JSON.parse(text);
    },
    *tagged() {
      for (const { arn, tags } of repositories.all.values()) yield { arn, tags };
    },
    host,
    parse(image) {
      const [, at, repository = '', digest, tag = 'latest'] =
        /^([^/]+)\/([^:@]+)(?:@(sha256:[0-9a-f]{64})|:([\w.-]+)(?:@(?:sha256:[0-9a-f]{64}))?)?$/.exec(image) ?? [];
      if (!at || at !== knownHost) return undefined;
      return { host: at, repository, reference: digest ?? tag };
    },
    arn: arnOf,
    digestOf: (where, name, reference) => {
      const record = repositories.find(where, name);
      return record && findImage(record, reference)?.digest;
    },
    expireImages: () => [...repositories.all.values()].reduce((sum, one) => sum + expire(one, world.clock.now()), 0),
    async dispose() {
      await (await registry)?.close();
      blobs?.dispose();
    },
  };
}

interface ProviderInput {
  repositories: ReturnType<typeof createRepositories>;
  create(input: NewRepository, where: Where, tags: Record<string, string>): RepositoryRecord;
  remove(record: RepositoryRecord, force: boolean): void;
  host(): Promise<string>;
  random: World['random'];
}

/** CloudFormation User Guide, "AWS::ECR::Repository": Ref is the name; with images in it the deletion fails but for EmptyOnDelete. */
function provider({ repositories, create, remove, host, random }: ProviderInput): ResourceProvider {
  const apply = (record: RepositoryRecord, properties: Properties, context: ResourceContext) => {
    record.tags = tagsOf(properties, context);
    record.mutability = properties.ImageTagMutability ?? 'MUTABLE';
    record.exclusions = (properties.ImageTagMutabilityExclusionFilters ?? []).map(
      (one: { ImageTagMutabilityExclusionFilterType: 'WILDCARD'; ImageTagMutabilityExclusionFilterValue: string }) => ({
        filterType: one.ImageTagMutabilityExclusionFilterType,
        filter: one.ImageTagMutabilityExclusionFilterValue,
      }),
    );
    record.scanOnPush = properties.ImageScanningConfiguration?.ScanOnPush ?? false;
    const text = properties.LifecyclePolicy?.LifecyclePolicyText;
    if (text) record.lifecyclePolicy = text;
    else delete record.lifecyclePolicy;
    const policy = properties.RepositoryPolicyText;
    if (policy) record.policy = typeof policy === 'string' ? policy : JSON.stringify(policy);
  };
  const answer = async ({ name, arn }: RepositoryRecord) => ({
    id: name,
    attributes: { Arn: arn, RepositoryUri: `${await host()}/${name}` },
  });
  return {
    async create(properties, context) {
      const repositoryName =
        properties.RepositoryName ?? `${context.stack.name}-${context.logicalId}-${random.text(12)}`.toLowerCase();
      const record = create({ repositoryName }, context, {});
      apply(record, properties, context);
      return answer(record);
    },
    async update(id, properties, _previous, context) {
      const record = repositories.get(context, id);
      apply(record, properties, context);
      return answer(record);
    },
    async delete(id, properties, context) {
      const record = repositories.find(context, id);
      if (record) remove(record, properties.EmptyOnDelete === true);
    },
    async read(id, context) {
      const record = repositories.find(context, id);
      if (!record) return undefined;
      return {
        RepositoryName: id,
        ImageTagMutability: record.mutability,
        ImageScanningConfiguration: { ScanOnPush: record.scanOnPush },
        ...(record.lifecyclePolicy && { LifecyclePolicy: { LifecyclePolicyText: record.lifecyclePolicy } }),
      };
    },
    latency: { create: 1000, update: 1000, delete: 1000, stabilize: 2000 },
    wishes(verb, properties, context, id) {
      const resource = arnOf(context, id ?? properties.RepositoryName ?? '*');
      const action = {
        create: 'ecr:CreateRepository',
        update: 'ecr:PutImageTagMutability',
        delete: 'ecr:DeleteRepository',
      }[verb];
      return [{ action, resource }];
    },
  };
}

const imageOf = (record: RepositoryRecord, { imageTag, imageDigest }: ImageId) => {
  const image = findImage(record, imageDigest ?? imageTag ?? '');
  return imageTag === undefined || image?.tags.has(imageTag) ? image : undefined;
};

const idsOf = ({ digest, tags }: ImageRecord): ImageId[] =>
  tags.size === 0 ? [{ imageDigest: digest }] : [...tags].map((imageTag) => ({ imageDigest: digest, imageTag }));

const isOfStatus = ({ tags }: ImageRecord, status = 'ANY') =>
  status === 'ANY' || (status === 'TAGGED') === tags.size > 0;

function notFound({ name, where }: RepositoryRecord, { imageTag, imageDigest }: ImageId): AwsError {
  const id = `{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}`;
  return new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${id} does not exist within the repository with name '${name}' in the registry with id '${where.account}'`,
  );
}

function detail({ where, name }: RepositoryRecord, image: ImageRecord): object {
  return {
    registryId: where.account,
    repositoryName: name,
    imageDigest: image.digest,
    ...(image.tags.size > 0 && { imageTags: [...image.tags] }),
    imageSizeInBytes: sizeOf(image),
    imagePushedAt: new Date(image.pushedAt),
    ...(image.pulledAt && { lastRecordedPullTime: new Date(image.pulledAt) }),
    imageManifestMediaType: image.mediaType,
    ...(image.artifactType && { artifactMediaType: image.artifactType }),
    ...(image.subject && { subjectManifestDigest: image.subject }),
  };
}
