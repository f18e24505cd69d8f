import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError, type Principal, type World } from '../../model.ts';
import {
  findImage,
  parse,
  putManifest,
  type Repositories,
  type RepositoryRecord,
  removeImage,
  type Where,
} from './repositories.ts';
import type { BlobStore } from './store.ts';

/** Who a token of GetAuthorizationToken was made for. */
export interface Holder extends Where {
  principal: Principal;
  /** Milliseconds since 1970. */
  expires: number;
}

export interface RegistryOptions {
  world: World;
  repositories: Repositories;
  blobs: BlobStore;
  /** Undefined: there is no such token, or it has expired. */
  holderOf(token: string): Holder | undefined;
}

/** An error of the OCI distribution specification. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const mostManifest = 4 * 1024 * 1024;

/**
 * The registry behind ECR: the OCI distribution specification 1.1 (pull, push, content discovery with referrers), on loopback. What ECR adds:
 * every request needs a token, and the rights of whoever asked for it (ECR User Guide, "Private repository policies" and "Identity-based
 * policy examples"); repositories are not made by a push; tags may be immutable.
 */
export async function startRegistry(options: RegistryOptions): Promise<{ host: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(options, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
}

async function answer(options: RegistryOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  try {
    await route(options, request, response);
  } catch (error) {
    request.resume();
    const { status, code } = error instanceof Refusal ? error : { status: 500, code: 'UNKNOWN' };
    if (status === 401) response.setHeader('www-authenticate', 'Basic realm="ecr",service="ecr.amazonaws.com"');
    const message = error instanceof Error ? error.message : String(error);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
  }
}

async function route(options: RegistryOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://registry');
  const holder = signedIn(options, request);
  if (url.pathname === '/v2/') return end(response, 200, {}, '{}');
  const [, name = '', kind = '', rest = ''] =
    /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|referrers|tags)\/?(.*)$/.exec(url.pathname) ?? [];
  const repository = options.repositories.find(holder, name);
  const may = (action: string) => permit(options.world, holder, action, name);
  if (!repository) {
    may('BatchGetImage');
    throw new Refusal(
      404,
      'NAME_UNKNOWN',
      `The repository with name '${name}' does not exist in the registry with id '${holder.account}'`,
    );
  }
  const given: Request = { ...options, request, response, url, repository, rest, may };
  const handler = handlers[`${request.method} ${kind}`];
  if (!handler) throw new Refusal(405, 'UNSUPPORTED', 'The operation is unsupported.');
  return handler(given);
}

interface Request extends RegistryOptions {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  repository: RepositoryRecord;
  /** After the kind: a digest, a reference, an upload. */
  rest: string;
  may: (action: string) => void;
}

const handlers: Record<string, (request: Request) => Promise<void>> = {
  async 'HEAD blobs'({ blobs, rest, response, may }) {
    may('BatchCheckLayerAvailability');
    const size = await blobs.size(rest);
    if (size === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    end(response, 200, {
      'content-length': size,
      'docker-content-digest': rest,
      'content-type': 'application/octet-stream',
    });
  },
  async 'GET blobs'({ blobs, rest, response, may }) {
    may('GetDownloadUrlForLayer');
    const size = await blobs.size(rest);
    if (size === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    response.writeHead(200, {
      'content-length': size,
      'docker-content-digest': rest,
      'content-type': 'application/octet-stream',
    });
    blobs.read(rest).pipe(response);
  },
  async 'POST blobs/uploads'({ world, blobs, request, response, url, repository, may }) {
    may('InitiateLayerUpload');
    const mount = url.searchParams.get('mount');
    if (mount && (await blobs.size(mount)) !== undefined) {
      request.resume();
      return end(response, 201, { location: `/v2/${repository.name}/blobs/${mount}`, 'docker-content-digest': mount });
    }
    const upload = world.random.text(32, '0123456789abcdef');
    const size = await blobs.append(upload, request);
    const digest = url.searchParams.get('digest');
    if (digest) return finish(blobs, upload, digest, repository, response);
    end(response, 202, uploading(repository, upload, size));
  },
  async 'PATCH blobs/uploads'({ blobs, request, response, repository, rest, may }) {
    may('UploadLayerPart');
    end(response, 202, uploading(repository, rest, await blobs.append(rest, request)));
  },
  async 'PUT blobs/uploads'({ blobs, request, response, url, repository, rest, may }) {
    may('CompleteLayerUpload');
    await blobs.append(rest, request);
    await finish(blobs, rest, url.searchParams.get('digest') ?? '', repository, response);
  },
  'HEAD manifests': (given) => manifest(given, false),
  'GET manifests': (given) => manifest(given, true),
  async 'PUT manifests'({ world, blobs, request, response, repository, rest, may }) {
    may('PutImage');
    const bytes = await body(request);
    const mediaType = request.headers['content-type'] ?? 'application/vnd.oci.image.manifest.v1+json';
    await checkParts(bytes, repository, blobs);
    try {
      const image = putManifest(world, repository, { reference: rest, bytes, mediaType });
      if (rest.startsWith('sha256:') && rest !== image.digest)
        throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
      const location = `/v2/${repository.name}/manifests/${image.digest}`;
      const subject = image.subject && { 'oci-subject': image.subject };
      end(response, 201, { location, 'docker-content-digest': image.digest, ...subject });
    } catch (error) {
      if (error instanceof AwsError) throw new Refusal(400, 'TAG_INVALID', error.message);
      throw error;
    }
  },
  async 'DELETE manifests'({ response, repository, rest, may }) {
    may('BatchDeleteImage');
    const image = findImage(repository, rest);
    if (!image) throw unknown();
    if (rest.startsWith('sha256:')) removeImage(repository, image.digest);
    else image.tags.delete(rest);
    end(response, 202);
  },
  async 'GET referrers'({ response, repository, rest, url, may }) {
    may('BatchGetImage');
    const type = url.searchParams.get('artifactType');
    const manifests = [...repository.images.values()]
      .filter(({ subject, artifactType }) => subject === rest && (type === null || artifactType === type))
      .map((image) => {
        const { annotations } = parse(image);
        return {
          mediaType: image.mediaType,
          digest: image.digest,
          size: image.bytes.length,
          ...(image.artifactType && { artifactType: image.artifactType }),
          ...(annotations && { annotations }),
        };
      });
    const headers = {
      'content-type': 'application/vnd.oci.image.index.v1+json',
      ...(type !== null && { 'oci-filters-applied': 'artifactType' }),
    };
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    end(response, 200, headers, JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  },
  async 'GET tags'({ response, repository, url, may }) {
    may('ListImages');
    const all = [...repository.images.values()].flatMap(({ tags }) => [...tags]).sort();
    const from = all.filter((tag) => tag > (url.searchParams.get('last') ?? ''));
    const count = Number(url.searchParams.get('n') ?? 1000);
    const tags = from.slice(0, count);
    const link = from.length > count && {
      link: `</v2/${repository.name}/tags/list?n=${count}&last=${tags.at(-1)}>; rel="next"`,
    };
    end(
      response,
      200,
      { 'content-type': 'application/json', ...link },
      JSON.stringify({ name: repository.name, tags }),
    );
  },
};

async function manifest({ world, repository, rest, response, may }: Request, withBody: boolean): Promise<void> {
  may('BatchGetImage');
  const image = findImage(repository, rest);
  if (!image) throw unknown();
  if (withBody) image.pulledAt = world.clock.now();
  const headers = {
    'content-type': image.mediaType,
    'content-length': image.bytes.length,
    'docker-content-digest': image.digest,
  };
  end(response, 200, headers, withBody ? image.bytes : undefined);
}

/** What a manifest names is there. "Layers ... do not exist", as ECR's PutImage has it. */
async function checkParts(bytes: Buffer, repository: RepositoryRecord, blobs: BlobStore): Promise<void> {
  const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString()) as ReturnType<typeof parse>;
  for (const { digest } of [...(config ? [config] : []), ...layers])
    if ((await blobs.size(digest)) === undefined)
      throw new Refusal(
        404,
        'BLOB_UNKNOWN',
        `Layers with digests '${digest}' required for pushing image into repository do not exist`,
      );
  for (const { digest } of manifests)
    if (!repository.images.has(digest))
      throw new Refusal(
        404,
        'MANIFEST_UNKNOWN',
        `Images with digests '${digest}' required for pushing image into repository do not exist`,
      );
}

async function finish(
  blobs: BlobStore,
  upload: string,
  digest: string,
  { name }: RepositoryRecord,
  response: ServerResponse,
): Promise<void> {
  if (!(await blobs.keep(upload, digest))) {
    await blobs.discard(upload);
    throw new Refusal(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }
  end(response, 201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

const uploading = ({ name }: RepositoryRecord, upload: string, size: number) => ({
  location: `/v2/${name}/blobs/uploads/${upload}`,
  'docker-upload-uuid': upload,
  range: `0-${Math.max(0, size - 1)}`,
});

const unknown = () => new Refusal(404, 'MANIFEST_UNKNOWN', 'Requested image not found');

/** ECR User Guide, "Private registry authentication": user `AWS`, and the token for a password. */
function signedIn({ holderOf }: RegistryOptions, { headers }: IncomingMessage): Holder {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? [];
  const [user, token = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
  const holder = user === 'AWS' ? holderOf(token) : undefined;
  if (!holder)
    throw new Refusal(401, 'UNAUTHORIZED', 'Your authorization token has expired. Reauthenticate and try again.');
  return holder;
}

function permit(world: World, holder: Holder, action: string, name: string): void {
  try {
    const resource = `arn:aws:ecr:${holder.region}:${holder.account}:repository/${name}`;
    world.authorize(holder, [{ action: `ecr:${action}`, resource }]);
  } catch (error) {
    if (error instanceof AwsError) throw new Refusal(403, 'DENIED', error.message);
    throw error;
  }
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > mostManifest) throw new Refusal(413, 'SIZE_INVALID', 'the manifest is too large');
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
  content?: string | Buffer,
): void {
  response.writeHead(status, headers);
  response.end(content);
}

async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await done;
}
