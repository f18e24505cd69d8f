import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import type { ImageConfig, Index, Manifest } from '../../../../images/oci/descriptor.ts';
import { fixedCredential, openRegistry, type Repository } from '../../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../../pipeline/mod.ts';
import type { World } from '../model.ts';
import { callAs } from '../services/as-role.ts';
import type { ImageReference } from '../services/ecr/model.ts';
import type { Pull } from './model.ts';

/** An image that lies on disk. */
export interface Unpacked {
  /** What containers see as `/`. */
  root: string;
  config: NonNullable<ImageConfig['config']>;
}

/** Images by digest, pulled from the registry with the rights of whoever wants them. */
export interface ImageStore {
  get(name: ImageReference, digest: string, pull: Pull): Promise<Unpacked>;
  dispose(): Promise<void>;
}

export function createImageStore(world: World): ImageStore {
  const images = new Map<string, Promise<Unpacked>>();
  let directory: Promise<string> | undefined;

  async function pulled({ host, repository: name }: ImageReference, digest: string, pull: Pull): Promise<Unpacked> {
    directory ??= mkdtemp(join(tmpdir(), 'fairlead-containers-'));
    const by = { account: pull.account, region: pull.region, principal: pull.principal! };
    const { authorizationData } = await callAs(world, by, 'ecr', 'GetAuthorizationToken', {});
    const [username = '', password = ''] = Buffer.from(authorizationData[0].authorizationToken, 'base64')
      .toString()
      .split(/:(.*)/s);
    const registry = openRegistry(host, { plainHttp: true, credentials: fixedCredential({ username, password }) });
    try {
      const repository = registry.repository(name);
      const manifest = await platformOf(repository, digest as Digest);
      const config = await jsonOf<ImageConfig>(repository, manifest.config);
      const root = join(await directory, digest.replace(':', '-'));
      const partial = `${root}.partial`;
      await mkdir(partial, { recursive: true });
      for (const layer of manifest.layers) {
        const files = extract({ cwd: partial, preserveOwner: false, filter: (path) => !/(^|\/)\.wh\./.test(path) });
        await pipeline(Readable.from(repository.readBlob(layer)), files);
      }
      await mkdir(dirname(join(partial, config.config?.WorkingDir ?? '/', 'x')), { recursive: true });
      await rename(partial, root);
      return { root, config: config.config ?? {} };
    } finally {
      await registry.close();
    }
  }

  return {
    get(name, digest, pull) {
      let image = images.get(digest);
      if (!image) {
        image = pulled(name, digest, pull);
        images.set(digest, image);
        image.catch(() => images.delete(digest));
      }
      return image;
    },
    async dispose() {
      await Promise.allSettled(images.values());
      if (directory) await rm(await directory, { recursive: true, force: true });
    },
  };
}

/** Of an index the image for Fargate's platform here, or the first: JavaScript runs on all. */
async function platformOf(repository: Repository, digest: Digest): Promise<Manifest> {
  const found = await repository.manifest(digest);
  if (!found) throw new Error(`${digest} is not there`);
  const document = JSON.parse(Buffer.from(found.bytes).toString()) as Index | Manifest;
  if (!('manifests' in document)) return document;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const chosen =
    document.manifests.find(({ platform }) => platform?.architecture === architecture) ?? document.manifests[0];
  if (!chosen) throw new Error(`${digest} names no image`);
  return platformOf(repository, chosen.digest);
}

async function jsonOf<T>(repository: Repository, content: Manifest['config']): Promise<T> {
  const parts: Uint8Array[] = [];
  for await (const part of repository.readBlob(content)) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString()) as T;
}
