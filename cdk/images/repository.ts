import type { Repository } from '../../images/oci/repository/mod.ts';
import { openRegistry } from '../../images/oci/repository/mod.ts';
import type { EcrAddress } from '../../images/registries/address.ts';
import { createEcrApi } from '../../images/registries/ecr/api.ts';
import { prepareRepository } from '../../images/registries/ecr/prepare.ts';
import { lastingNames } from '../../images/registries/expiry.ts';
import { held } from '../../images/registries/held.ts';
import type { Destination } from '../../images/registries/mod.ts';
import type { Diagnostic } from '../../pipeline/mod.ts';
import type { Clients, Env } from '../clients.ts';
import { isDenied, unless, unlessMissing } from '../errors.ts';
import type { Account } from '../model.ts';

/** The repository of one application in Amazon ECR. */
export interface EcrDestination extends Destination {
  repository: Repository;
  /** `HOST/NAME`, as ECR says. */
  uri: string;
}

export interface RepositoryOptions {
  application: string;
  account: Account;
  env: Env;
  /** Names of environments whose images never expire. */
  lasting: readonly string[];
  now: () => number;
  warn?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** `fairlead/<application>`: of two characters at least, as ECR wants it, and apart from what else is in the account. */
export function repositoryName(application: string): string {
  return `fairlead/${application}`;
}

/** Makes the repository when it is missing: tags are never moved, and what comes is scanned. ECR says where it is. */
export async function openRepository(options: RepositoryOptions): Promise<EcrDestination> {
  const { application, account, env, lasting, now, warn } = options;
  const address = addressOf(application, account);
  const { name } = address;
  const api = createEcrApi(address, env, now);
  const prepare = () => prepareRepository(api, { address, application, lasting: lastingNames(lasting), warn });
  let found = await api.describe(name);
  if (!found) {
    await prepare();
    found = await api.describe(name);
  }
  const uri = found!.repositoryUri!;
  const host = uri.slice(0, uri.indexOf('/'));
  const token = held(() => api.token(), now);
  const registry = openRegistry(host, { credentials: token, upload: { mode: 'whole' }, env });
  return {
    kind: 'ecr',
    uri,
    repository: registry.repository(uri.slice(host.length + 1)),
    expires: true,
    prepare,
    async close() {
      api.close();
      await registry.close();
    },
  };
}

/** `HOST/NAME` of the repository, as ECR says, or will say when it is made. */
export async function repositoryUri(clients: Clients, application: string, account: Account): Promise<string> {
  const ecr = await clients.ecr();
  const { host, name } = addressOf(application, account);
  const found = await unlessMissing(ecr.describeRepositories({ repositoryNames: [name] }));
  return found?.repositories?.[0]?.repositoryUri ?? `${host}/${name}`;
}

function addressOf(application: string, { id, region, partition }: Account): EcrAddress {
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = `${id}.dkr.ecr.${region}.${domain}`;
  const name = repositoryName(application);
  return { kind: 'ecr', host, account: id, region, fips: false, dualstack: false, name };
}

/**
 * Takes the tags of an environment away from the images of an application; ECR lets go of what has none. Answers how many. Who looks
 * after previews may not, since ECR cannot tell their images from those of production: then they go when they expire.
 */
export async function removeTags(clients: Clients, application: string, environment: string): Promise<number> {
  const ecr = await clients.ecr();
  const repository = repositoryName(application);
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecr.listImages({
      repositoryName: repository,
      filter: { tagStatus: 'TAGGED' },
      ...(nextToken && { nextToken }),
    });
    for (const { imageTag } of page.imageIds ?? [])
      if (imageTag !== undefined && isOf(imageTag, environment)) found.push(imageTag);
    ({ nextToken } = page);
  } while (nextToken);
  // What a list names goes after the list, and whichever comes first: again, as long as that helps.
  for (let open = found; ; ) {
    const refused = (await removeEach(ecr, repository, open)) ?? open;
    if (refused.length === 0 || refused.length === open.length) return found.length - refused.length;
    open = refused;
  }
}

/** Answers those that stay for now; undefined when nobody here may remove any. */
async function removeEach(ecr: Ecr, repositoryName: string, tags: readonly string[]): Promise<string[] | undefined> {
  const stay: string[] = [];
  // As many at once as ECR takes.
  for (let at = 0; at < tags.length; at += 100) {
    const imageIds = tags.slice(at, at + 100).map((imageTag) => ({ imageTag }));
    const answer = await unless(ecr.batchDeleteImage({ repositoryName, imageIds }), isDenied);
    if (!answer) return undefined;
    for (const { imageId, failureCode } of answer.failures ?? [])
      if (imageId?.imageTag !== undefined && failureCode === 'ImageReferencedByManifestList')
        stay.push(imageId.imageTag);
  }
  return stay;
}

type Ecr = Awaited<ReturnType<Clients['ecr']>>;

/** `pr-1-20260131t235959z-0123456789ab` and what its images are called; `pr-1` is not `pr-12` and not `pr-1-b`. */
function isOf(tag: string, environment: string): boolean {
  return (
    tag.startsWith(`${environment}-`) && /^\d{8}t\d{6}z-[0-9a-f]{12}(\.|$)/.test(tag.slice(environment.length + 1))
  );
}
