import type { ArtifactRegistryClient, protos } from '@google-cloud/artifact-registry';
import type { GoogleAuth } from 'google-auth-library';
import type { ArtifactRegistryHost, Place } from '../address.ts';
import { codes, translated, withoutToken } from './errors.ts';

export type GoogleRepository = protos.google.devtools.artifactregistry.v1.IRepository;

type Env = Record<string, string | undefined>;

/** A repository of Artifact Registry, which has those of applications in it. */
export type Parent = NonNullable<Place['parent']>;

/** What Fairlead asks of Artifact Registry. Methods throw UserError. */
export interface ArtifactRegistryApi {
  accessToken(): Promise<string>;
  get(parent: Parent): Promise<GoogleRepository | undefined>;
  /** Nothing happens when somebody else was faster. */
  create(parent: Parent, repository: GoogleRepository): Promise<void>;
  update(parent: Parent, repository: GoogleRepository, fields: readonly string[]): Promise<void>;
  close(): void;
}

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

/** The libraries are loaded with the first call. Credentials are where Google's tools have them. */
export function createArtifactRegistryApi({ host }: ArtifactRegistryHost, env: Env): ArtifactRegistryApi {
  let auth: Promise<GoogleAuth> | undefined;
  let opened: Promise<ArtifactRegistryClient> | undefined;

  async function call<T>(
    permission: string,
    parent: Parent,
    work: (client: ArtifactRegistryClient) => Promise<T>,
  ): Promise<T> {
    try {
      auth ??= authentication();
      opened ??= client(await auth, env);
      return await work(await opened);
    } catch (error) {
      throw translated(error, permission, host, parent);
    }
  }

  return {
    async accessToken() {
      try {
        auth ??= authentication();
        const token = await (await auth).getAccessToken();
        if (!token) throw new Error('there is no access token');
        return token;
      } catch (error) {
        throw withoutToken(error, host);
      }
    },
    get: (parent) =>
      call('artifactregistry.repositories.get', parent, async (client) => {
        const found = await unless(codes.notFound, client.getRepository({ name: nameOf(parent) }));
        return found?.[0];
      }),
    create: (parent, repository) =>
      call('artifactregistry.repositories.create', parent, async (client) => {
        const request = { parent: locationOf(parent), repositoryId: parent.repository, repository };
        const begun = await unless(codes.alreadyExists, client.createRepository(request));
        await begun?.[0].promise();
      }),
    update: (parent, repository, fields) =>
      call('artifactregistry.repositories.update', parent, async (client) => {
        const named = { ...repository, name: nameOf(parent) };
        await client.updateRepository({ repository: named, updateMask: { paths: [...fields] } });
      }),
    close() {
      opened?.then(
        (client) => client.close(),
        () => undefined,
      );
    },
  };
}

function locationOf({ project, location }: Parent): string {
  return `projects/${project}/locations/${location}`;
}

function nameOf(parent: Parent): string {
  return `${locationOf(parent)}/repositories/${parent.repository}`;
}

/** It reads the environment of this process itself. Without a project, which no request names, it would look for one. */
async function authentication(): Promise<GoogleAuth> {
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth({ scopes, projectId: '-' });
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
