import type { Answer, Asked } from '../../oci/server.ts';
import { type FakeRegistry, fakeRegistry } from './fake-registry.ts';

export interface FakeArtifactRegistry extends FakeRegistry {
  /** `METHOD path` of the requests to the service that keeps repositories. */
  calls: string[];
  /** By full name; as the REST interface has them. */
  repositories: Map<string, Record<string, unknown>>;
  /** What calls of a method fail with instead: status in words, message, reason. */
  failures: Map<string, [status: string, message: string, reason?: string]>;
  /** Whether everybody may read. */
  isPublic: boolean;
  /** Credentials of workload identity federation for it, as `gcloud iam workload-identity-pools create-cred-config` writes them. */
  credentials(subjectTokenFile: string): string;
}

const statuses: Record<string, number> = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
};

/**
 * Google's side of a push, over the wire. Modelled after
 * - reference of `artifactregistry.googleapis.com`, v1: projects.locations.repositories get, create (a long-running
 *   operation) and patch with its update mask; errors of AIP-193 with an ErrorInfo
 * - "Security Token Service API", v1 token: exchanges a subject token for an access token
 * - "Configure authentication to Artifact Registry for Docker", access token: the user `oauth2accesstoken`
 * - "Docker API" of Artifact Registry: no chunked uploads; it refuses PATCH
 * - it lists no referrers (notaryproject/notation issue 1222)
 */
export async function fakeArtifactRegistry(): Promise<FakeArtifactRegistry> {
  const repositories: FakeArtifactRegistry['repositories'] = new Map();
  const [calls, failures]: [string[], FakeArtifactRegistry['failures']] = [[], new Map()];
  const accessToken = 'ya29.access';
  const [registryToken, publicToken] = ['registry-token', 'public-token'];

  function service({ method, path, headers, body }: Asked): Answer {
    const { pathname, searchParams } = new URL(path, 'http://service');
    calls.push(`${method} ${pathname}`);
    if (headers.authorization !== `Bearer ${accessToken}`) return failed('UNAUTHENTICATED', 'who are you');
    const failure = failures.get(method);
    if (failure) return failed(...failure);
    const name = pathname.slice('/v1/'.length);
    if (name.includes('/operations/')) {
      const made = repositories.get(name.replace(/\/operations\/(.*)$/, '/repositories/$1'));
      return json({ name, done: true, response: { '@type': `${types}Repository`, ...made } });
    }
    if (method === 'POST') {
      const id = searchParams.get('repositoryId');
      if (repositories.has(`${name}/${id}`)) return failed('ALREADY_EXISTS', 'the repository already exists');
      repositories.set(`${name}/${id}`, { name: `${name}/${id}`, ...JSON.parse(body.toString()) });
      const operation = `${name.replace(/\/repositories$/, '')}/operations/${id}`;
      return json({ name: operation, metadata: { '@type': `${types}OperationMetadata` } });
    }
    const found = repositories.get(name);
    if (!found) return failed('NOT_FOUND', 'Requested entity was not found.');
    if (method === 'PATCH') {
      const fields = searchParams.get('updateMask')!.split(',');
      const changed = JSON.parse(body.toString());
      for (const field of fields) {
        const key = field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
        found[key] = changed[key];
      }
    }
    return json(found);
  }

  function identity({ method, path, headers, body }: Asked, host: string): Answer | undefined {
    if (path.startsWith('/sts')) {
      const given = new URLSearchParams(body.toString()).get('subject_token');
      if (given !== 'subject')
        return [400, {}, JSON.stringify({ error: 'invalid_grant', error_description: 'expired' })];
      return json({ access_token: accessToken, token_type: 'Bearer', expires_in: 3600, issued_token_type: 'access' });
    }
    if (path.startsWith('/v2/token')) {
      const expected = `Basic ${Buffer.from(`oauth2accesstoken:${accessToken}`).toString('base64')}`;
      if (server.isPublic && !headers.authorization) return json({ token: publicToken, expires_in: 3600 });
      return headers.authorization === expected ? json({ token: registryToken, expires_in: 3600 }) : [401];
    }
    if (headers.authorization === `Bearer ${registryToken}`) return undefined;
    if (headers.authorization === `Bearer ${publicToken}` && method === 'GET') return undefined;
    return [401, { 'www-authenticate': `Bearer realm="http://${host}/v2/token",service="artifactregistry"` }];
  }

  const registry = await fakeRegistry({
    first(asked) {
      if (asked.path.startsWith('/v1/')) return service(asked);
      const answer = identity(asked, server.host);
      if (answer) return answer;
      if (asked.method === 'PATCH') return [405];
      const [, project, id] = /^\/v2\/([^/]+)\/([^/]+)\//.exec(asked.path)!;
      const known = repositories.has(`projects/${project}/locations/europe-west1/repositories/${id}`);
      return known
        ? undefined
        : [404, {}, JSON.stringify({ errors: [{ code: 'NAME_UNKNOWN', message: 'not found' }] })];
    },
  });

  const credentials = (file: string) =>
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/github',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `http://${server.host}/sts/v1/token`,
      credential_source: { file },
    });
  const server: FakeArtifactRegistry = Object.assign(registry, {
    ...{ calls, repositories, failures, credentials, isPublic: false },
  });
  return server;
}

const types = 'type.googleapis.com/google.devtools.artifactregistry.v1.';

function json(value: unknown): Answer {
  return [200, { 'content-type': 'application/json' }, JSON.stringify(value)];
}

function failed(status: string, message: string, reason?: string): Answer {
  const type = 'type.googleapis.com/google.rpc.ErrorInfo';
  const details = reason ? [{ '@type': type, reason, domain: 'googleapis.com', metadata: {} }] : [];
  const error = { code: statuses[status], message, status, details };
  return [statuses[status]!, { 'content-type': 'application/json' }, JSON.stringify({ error })];
}
