import type { Assets, Endpoint, Graph } from '../../analyzer/mod.ts';
import { type Item, listDifferences, plainItem } from './items.ts';
import { schemaChange } from './schemas.ts';

export function endpointItems(graph: Graph): Item<Endpoint>[] {
  return graph.services.flatMap((service) =>
    service.endpoints.map((endpoint) =>
      plainItem(
        'endpoint',
        `${service.name}.${endpoint.name}`,
        endpoint,
        endpoint.position,
        endpoint.exposed ? ` (${endpoint.methods.join(', ')} ${endpoint.path})` : ' (private)',
      ),
    ),
  );
}

export function endpointDifferences(before: Endpoint, old: Graph, after: Endpoint, now: Graph): string[] {
  return [
    ...accessDifferences(before, after),
    ...addressDifferences(before, after),
    ...listDifferences('tag', before.tags, after.tags),
    ...schemaChange('request', before.request?.schema, old, after.request?.schema, now),
    ...schemaChange('response', before.response?.schema, old, after.response?.schema, now),
    ...schemaChange('incoming message', before.stream?.in, old, after.stream?.in, now),
    ...schemaChange('outgoing message', before.stream?.out, old, after.stream?.out, now),
    ...assetsDifferences(before.assets, after.assets),
  ];
}

function accessDifferences(before: Endpoint, after: Endpoint): string[] {
  const found: string[] = [];
  if (before.kind !== after.kind) found.push(`becomes ${kinds[after.kind]} instead of ${kinds[before.kind]}`);
  if (before.exposed !== after.exposed) {
    found.push(after.exposed ? 'becomes reachable from outside' : 'is no longer reachable from outside');
  }
  if (before.auth !== after.auth) {
    found.push(after.auth ? 'now requires authentication' : 'no longer requires authentication');
  }
  if (before.sensitive !== after.sensitive) {
    found.push(
      after.sensitive ? 'now keeps what it carries out of traces' : 'no longer keeps what it carries out of traces',
    );
  }
  return found;
}

const kinds: Record<Endpoint['kind'], string> = {
  typed: 'a typed endpoint',
  raw: 'a raw endpoint',
  stream: 'a stream',
  assets: 'static assets',
};

function addressDifferences(before: Endpoint, after: Endpoint): string[] {
  const found: string[] = [];
  if (before.path !== after.path) found.push(`moves from ${before.path} to ${after.path}`);
  if (before.methods.join() !== after.methods.join()) {
    found.push(`answers ${after.methods.join(', ')} instead of ${before.methods.join(', ')}`);
  }
  if (before.bodyLimit !== after.bodyLimit) found.push(`takes ${limit(after)} instead of ${limit(before)}`);
  return found;
}

function limit({ bodyLimit }: Endpoint): string {
  return bodyLimit === null ? 'bodies of any size' : `bodies up to ${bodyLimit} bytes`;
}

function assetsDifferences(before: Endpoint['assets'], after: Endpoint['assets']): string[] {
  if (!before || !after) return [];
  const found: string[] = [];
  if (before.directory !== after.directory) found.push(`serves ${after.directory} instead of ${before.directory}`);
  const [a, b] = [fallback(before), fallback(after)];
  if (a !== b) found.push(`answers for what is not there with ${b} instead of ${a}`);
  if (headersOf(before) !== headersOf(after)) found.push('changes the headers that it adds');
  return found;
}

function fallback({ notFound }: Assets): string {
  return notFound ? `${notFound.file} (${notFound.status})` : 'an error';
}

function headersOf({ headers }: Assets): string {
  return JSON.stringify(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)));
}
