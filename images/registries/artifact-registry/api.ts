import type { ArtifactRegistryClient, protos } from '@google-cloud/artifact-registry';
import type { GoogleAuth } from 'google-auth-library';
import type { ArtifactRegistryAddress } from '../address.ts';
import { codes, translated, withoutToken } from './errors.ts';

export type GoogleRepository = protos.google.devtools.artifactregistry.v1.IRepository;

type Env = Record<string, string | undefined>;

/** What Fairlead asks of Artifact Registry about one repository. Methods throw UserError. */
export interface ArtifactRegistryApi {
  accessToken(): Promise<string>;
  get(): Promise<GoogleRepository | undefined>;
  /** Nothing happens when somebody else was faster. */
  create(repository: GoogleRepository): Promise<void>;
  update(repository: GoogleRepository, fields: readonly string[]): Promise<void>;
  close(): void;
}

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/** The libraries are loaded with the first call. Credentials are where Google's tools have them. */
export function createArtifactRegistryApi(address: ArtifactRegistryAddress, env: Env): ArtifactRegistryApi {
  let auth: Promise<GoogleAuth> | undefined;
  let opened: Promise<ArtifactRegistryClient> | undefined;
  const {
    project,
    location,
    repository: repositoryId,
  } = address.parent ?? { project: '', location: '', repository: '' };
  const parent = `projects/${project}/locations/${location}`;
  const name = `${parent}/repositories/${repositoryId}`;

  async function call<T>(permission: string, work: (client: ArtifactRegistryClient) => Promise<T>): Promise<T> {
    try {
      auth ??= authentication(address.project);
      opened ??= client(await auth, env);
      return await work(await opened);
    } catch (error) {
      throw translated(error, permission, address);
    }
  }

  return {
    async accessToken() {
      try {
        auth ??= authentication(address.project);
        const token = await (await auth).getAccessToken();
        if (!token) throw new Error('there is no access token');
        return token;
      } catch (error) {
        throw withoutToken(error, address.host);
      }
    },
    get: () =>
      call('artifactregistry.repositories.get', async (client) => {
        const found = await unless(codes.notFound, client.getRepository({ name }));
        return found?.[0];
      }),
    create: (repository) =>
      call('artifactregistry.repositories.create', async (client) => {
        const begun = await unless(codes.alreadyExists, client.createRepository({ parent, repositoryId, repository }));
        await begun?.[0].promise();
      }),
    update: (repository, fields) =>
      call('artifactregistry.repositories.update', async (client) => {
        await client.updateRepository({ repository: { ...repository, name }, updateMask: { paths: [...fields] } });
      }),
    close() {
      opened?.then(
        (client) => client.close(),
        () => undefined,
      );
    },
  };
}

/** It reads the environment of this process itself. Without a project it would ask another service for one. */
async function authentication(projectId: string): Promise<GoogleAuth> {
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth({ scopes, projectId });
}

/** Over HTTP with JSON: one request does not need the connections of gRPC. */
async function client(auth: GoogleAuth, env: Env): Promise<ArtifactRegistryClient> {
  const { ArtifactRegistryClient } = await import('@google-cloud/artifact-registry');
  const client = new ArtifactRegistryClient({ auth, fallback: true, ...endpointOf(env) });
  // Else the first call does it, and throws what goes wrong where nobody can catch it.
  await client.initialize();
  return client;
}

/** Where gcloud is told that the service is elsewhere. */
function endpointOf(env: Env): { apiEndpoint?: string; protocol?: string; port?: number } {
  const url = URL.parse(env.CLOUDSDK_API_ENDPOINT_OVERRIDES_ARTIFACTREGISTRY ?? '');
  if (!url) return {};
  const protocol = url.protocol.slice(0, -1);
  return { apiEndpoint: url.hostname, protocol, port: Number(url.port) || (protocol === 'http' ? 80 : 443) };
}

async function unless<T>(code: number, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: unknown }).code === code) return undefined;
    throw error;
  }
}
