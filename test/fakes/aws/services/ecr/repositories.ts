import type { ImageTagMutabilityExclusionFilter } from '@aws-sdk/client-ecr';
import { AwsError, type Call, type World } from '../../model.ts';
import { digestOf } from './store.ts';

export type Where = Pick<Call, 'account' | 'region'>;

export interface RepositoryRecord {
  where: Where;
  name: string;
  arn: string;
  createdAt: number;
  mutability: string;
  exclusions: ImageTagMutabilityExclusionFilter[];
  scanOnPush: boolean;
  lifecyclePolicy?: string;
  policy?: string;
  tags: Record<string, string>;
  /** By digest. */
  images: Map<string, ImageRecord>;
}

export interface ImageRecord {
  digest: string;
  bytes: Buffer;
  mediaType: string;
  artifactType?: string;
  tags: Set<string>;
  pushedAt: number;
  pulledAt?: number;
  /** The image that it refers to. */
  subject?: string;
}

interface Manifest {
  mediaType?: string;
  artifactType?: string;
  config?: { mediaType: string; size: number; digest: string };
  layers?: { size: number; digest: string }[];
  manifests?: { digest: string }[];
  subject?: { digest: string };
  annotations?: Record<string, string>;
}

export const parse = ({ bytes }: ImageRecord): Manifest => JSON.parse(bytes.toString()) as Manifest;

/** Repositories by account and region. */
export interface Repositories {
  all: Map<string, RepositoryRecord>;
  of(where: Where): RepositoryRecord[];
  find(where: Where, name: string): RepositoryRecord | undefined;
  /** @throws AwsError RepositoryNotFoundException */
  get(where: Where, name: string): RepositoryRecord;
}

export function createRepositories(): Repositories {
  const all = new Map<string, RepositoryRecord>();
  const find = (where: Where, name: string) => all.get(arnOf(where, name));
  return {
    all,
    find,
    of: ({ account, region }) =>
      [...all.values()].filter(({ where }) => where.account === account && where.region === region),
    get(where, name) {
      const found = find(where, name);
      if (!found)
        throw new AwsError(
          'RepositoryNotFoundException',
          `The repository with name '${name}' does not exist in the registry with id '${where.account}'`,
        );
      return found;
    },
  };
}

export const arnOf = ({ account, region }: Where, name: string): string =>
  `arn:aws:ecr:${region}:${account}:repository/${name}`;

/** By tag or digest. */
export function findImage({ images }: RepositoryRecord, reference: string): ImageRecord | undefined {
  return images.get(reference) ?? [...images.values()].find(({ tags }) => tags.has(reference));
}

/**
 * Keeps a manifest. ECR User Guide, "Preventing image tags from being overwritten": a tag of an immutable repository stays where it is,
 * unless an exclusion filter names it.
 * @throws AwsError ImageTagAlreadyExistsException
 */
export function putManifest(
  world: World,
  repository: RepositoryRecord,
  { reference, bytes, mediaType }: { reference: string; bytes: Buffer; mediaType: string },
): ImageRecord {
  const digest = digestOf(bytes);
  const manifest = JSON.parse(bytes.toString()) as Manifest;
  const tag = reference.startsWith('sha256:') ? undefined : reference;
  const holder = tag === undefined ? undefined : findImage(repository, tag);
  if (tag !== undefined && holder && holder.digest !== digest && !canMove(repository, tag))
    throw new AwsError(
      'ImageTagAlreadyExistsException',
      `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the tag is immutable.`,
    );
  const image = repository.images.get(digest) ?? {
    digest,
    bytes,
    mediaType,
    tags: new Set<string>(),
    pushedAt: world.clock.now(),
    ...artifactTypeOf(manifest),
    ...(manifest.subject && { subject: manifest.subject.digest }),
  };
  repository.images.set(digest, image);
  if (tag !== undefined) {
    holder?.tags.delete(tag);
    image.tags.add(tag);
  }
  return image;
}

function artifactTypeOf({ artifactType, config }: Manifest): { artifactType?: string } {
  const found = artifactType ?? config?.mediaType;
  return found ? { artifactType: found } : {};
}

function canMove({ mutability, exclusions }: RepositoryRecord, tag: string): boolean {
  const isExcluded = exclusions.some(({ filter = '' }) => globOf(filter).test(tag));
  if (mutability === 'IMMUTABLE') return false;
  return mutability === 'MUTABLE' || (mutability === 'IMMUTABLE_WITH_EXCLUSION') === isExcluded;
}

/** Of a manifest: its layers and its config. ECR API, "ImageDetail": of a manifest list nothing that is in it. */
export function sizeOf(image: ImageRecord): number {
  const { config, layers = [] } = parse(image);
  return layers.reduce((sum, { size }) => sum + size, config?.size ?? 0);
}

/** Refuses what a list still names. ECR API, "ImageFailure": ImageReferencedByManifestList. */
export function isReferenced({ images }: RepositoryRecord, digest: string): boolean {
  return [...images.values()].some((image) => parse(image).manifests?.some((one) => one.digest === digest));
}

/** "cleaned up within 24 hours of the deletion of the subject image": here at once. */
export function removeImage(repository: RepositoryRecord, digest: string): void {
  repository.images.delete(digest);
  for (const image of repository.images.values()) if (image.subject === digest) removeImage(repository, image.digest);
}

/** Of a pattern in which `*` stands for anything. */
export function globOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
