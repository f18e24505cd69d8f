import type { Digest } from '../../pipeline/mod.ts';
import { parseImageName } from '../oci/repository/mod.ts';
import { isRegistry } from '../oci/repository/name.ts';

/** Node 24, Debian 13 and nothing else: no shell, no package manager. As user 65532. For amd64 and arm64. */
export const defaultBase = 'gcr.io/distroless/nodejs24-debian13:nonroot';

/** A base image's name in parts. */
export interface BaseName {
  registry: string;
  /** Within the registry. */
  name: string;
  /** What is followed when there is no digest. */
  tag: string;
  digest?: Digest;
}

/**
 * Reads a name as people write it for Docker: `node:24-slim` is `docker.io/library/node:24-slim`, and no tag is `latest`.
 * @throws UserError FL2209 when it is not a name
 */
export function parseBaseName(text: string): BaseName {
  const slash = text.indexOf('/');
  const qualified = slash > 0 && isRegistry(text.slice(0, slash));
  const { tag = 'latest', registry, name, ...rest } = parseImageName(qualified ? text : `docker.io/${text}`);
  return { ...onHub(registry, name), ...rest, tag };
}

/** Docker's own registry has two names, and its official images are in `library`. */
function onHub(registry: string, name: string): Pick<BaseName, 'registry' | 'name'> {
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return { registry, name };
  return { registry: 'docker.io', name: name.includes('/') ? name : `library/${name}` };
}

/** The full name with the tag, without the digest: the same for equal images, however they were written. */
export function renderBaseName({ registry, name, tag }: BaseName): string {
  return `${registry}/${name}:${tag}`;
}
