import { randomUUID } from 'node:crypto';
import { digestOf } from '../../../../images/oci/descriptor.ts';
import { type Answer, type Asked, type FakeServer, serve } from '../../oci/server.ts';

export interface FakeRegistry extends FakeServer {
  /** By digest, whatever the repository. */
  blobs: Map<string, Buffer>;
  /** By `repository:tag` and `repository@digest`. */
  manifests: Map<string, { bytes: Buffer; mediaType: string }>;
}

export interface Behaviour {
  /** Answers in the registry's place; undefined lets it answer itself. */
  first?: (asked: Asked) => Answer | undefined | Promise<Answer | undefined>;
  /** Whether it takes blobs over from other repositories. @default false */
  mounts?: boolean;
  /** Whether it lists referrers. @default false */
  referrers?: boolean;
  /** What it says when a tag is given again, whatever it names: tags are immutable then. */
  tagExists?: (tag: string) => Answer;
}

/** A registry in memory that speaks just as much of OCI distribution 1.1 as a push needs. */
export async function fakeRegistry(behaviour: Behaviour = {}): Promise<FakeRegistry> {
  const blobs: FakeRegistry['blobs'] = new Map();
  const manifests: FakeRegistry['manifests'] = new Map();

  function answer({ method, path, headers, body }: Asked): Answer {
    const { pathname, searchParams } = new URL(path, 'http://registry');
    const listed = /^\/v2\/(.+)\/tags\/list$/.exec(pathname)?.[1];
    if (listed !== undefined) return listTags(listed);
    const [, repository = '', kind, rest = ''] =
      /^\/v2\/(.+)\/(blobs|manifests|referrers)\/(.+?)$/.exec(pathname) ?? [];
    if (kind === 'blobs' && rest.startsWith('uploads')) return upload(repository, method, searchParams, body);
    if (kind === 'blobs') {
      const found = blobs.get(`${repository}@${rest}`);
      return found ? [200, { 'content-length': String(found.length) }, found] : [404];
    }
    if (kind === 'manifests' && method === 'PUT') return put(repository, rest, headers['content-type'] ?? '', body);
    if (kind === 'manifests') {
      const found = manifests.get(rest.includes(':') ? `${repository}@${rest}` : `${repository}:${rest}`);
      return found ? [200, { 'content-type': found.mediaType }, found.bytes] : [404];
    }
    return kind === 'referrers' && behaviour.referrers ? listReferrers(repository, rest) : [404];
  }

  function listTags(name: string): Answer {
    const prefix = `${name}:`;
    const tags = [...manifests.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    return [200, {}, JSON.stringify({ name, tags: tags.sort() })];
  }

  function upload(repository: string, method: string, query: URLSearchParams, body: Buffer): Answer {
    const [mount, from] = [query.get('mount'), query.get('from')];
    if (method === 'POST' && mount && behaviour.mounts && blobs.has(`${from}@${mount}`)) {
      blobs.set(`${repository}@${mount}`, blobs.get(`${from}@${mount}`)!);
      return [201];
    }
    if (method === 'POST') return [202, { location: `/v2/${repository}/blobs/uploads/${randomUUID()}` }];
    if (method === 'DELETE') return [204];
    if (method !== 'PUT' || digestOf(body) !== query.get('digest')) return [400];
    blobs.set(`${repository}@${digestOf(body)}`, body);
    return [201];
  }

  function put(repository: string, reference: string, mediaType: string, bytes: Buffer): Answer {
    const digest = digestOf(bytes);
    if (!reference.includes(':')) {
      if (behaviour.tagExists && manifests.has(`${repository}:${reference}`)) return behaviour.tagExists(reference);
      manifests.set(`${repository}:${reference}`, { bytes, mediaType });
    }
    manifests.set(`${repository}@${digest}`, { bytes, mediaType });
    const subject = JSON.parse(bytes.toString()).subject?.digest;
    return [201, { ...(subject && behaviour.referrers && { 'oci-subject': subject }) }];
  }

  function listReferrers(repository: string, subject: string): Answer {
    const listed = [...manifests].filter(
      ([name, { bytes }]) =>
        name.startsWith(`${repository}@`) && JSON.parse(bytes.toString()).subject?.digest === subject,
    );
    const entries = listed.map(([, { bytes, mediaType }]) => ({
      mediaType,
      digest: digestOf(bytes),
      size: bytes.length,
      artifactType: JSON.parse(bytes.toString()).artifactType,
    }));
    return [200, {}, JSON.stringify({ schemaVersion: 2, manifests: entries })];
  }

  const server = await serve(async (asked) => (await behaviour.first?.(asked)) ?? answer(asked));
  return Object.assign(server, { blobs, manifests });
}
