import type { Linker } from './context.ts';
import type { Declaration, Facts } from './facts.ts';
import type { AppSettings, Graph, ResourceReference } from './graph.ts';
import { usesOf } from './reach.ts';
import { compare, type Report } from './report.ts';
import { checkPublicUrls } from './resources/bucket.ts';
import { checkRoutes } from './resources/endpoint.ts';
import { checkAuthentication } from './resources/gateway.ts';
import { recognisers } from './resources/mod.ts';
import { renameReferences, shortNames } from './schema-names.ts';
import type { FoundService, ServiceIndex } from './services.ts';

/**
 * Joins what the files say to the graph of the application: pure, and quick enough to be done anew each time. What is wrong between
 * files, such as two resources of one name, is reported here.
 */
export function link(
  application: { name: string; settings: AppSettings },
  files: ReadonlyMap<string, Facts>,
  services: ServiceIndex,
  report: Report,
): Graph {
  const declarations = [...files.values()].flatMap((facts) => facts.declarations);
  const linker: Linker = {
    graph: emptyGraph(application, services.services, report),
    report,
    services,
    resources: new Map<string, ResourceReference>(),
    declarations: new Map(declarations.map((declaration) => [declaration.key, declaration])),
    serviceOf: (file) => services.of(report.absolute(file)),
  };
  const byForm = Map.groupBy(declarations, ({ declares }) => declares);
  for (const { declares, link } of recognisers) {
    for (const declaration of byForm.get(declares) ?? []) link(declaration as Declaration, linker);
  }
  linker.graph.uses = usesOf(files, linker);
  checkRoutes(linker);
  checkAuthentication(linker);
  checkPublicUrls([...files.values()], linker);
  return named(sorted(linker.graph), files);
}

function emptyGraph(
  { name, settings }: { name: string; settings: AppSettings },
  services: readonly FoundService[],
  report: Report,
): Graph {
  return {
    version: 2,
    application: name,
    settings,
    services: services.map(({ name, directory, declaration, position }) => ({
      name,
      directory: report.relative(directory),
      declaration,
      endpoints: [],
      subscriptions: [],
      middleware: [],
      position,
    })),
    databases: [],
    topics: [],
    buckets: [],
    caches: [],
    cronJobs: [],
    metrics: [],
    secrets: [],
    uses: [],
    schemas: {},
  };
}

function sorted(graph: Graph): Graph {
  const byName = <T extends { name: string }>(list: T[]) => list.sort((a, b) => compare(a.name, b.name));
  for (const service of byName(graph.services)) {
    byName(service.endpoints);
    service.subscriptions.sort((a, b) => compare(a.name, b.name) || compare(a.topic, b.topic));
  }
  const { databases, topics, buckets, caches, cronJobs, metrics, secrets } = graph;
  for (const list of [databases, topics, buckets, caches, cronJobs, metrics, secrets]) byName<{ name: string }>(list);
  graph.uses.sort((a, b) => compare(a.service, b.service) || compare(nameOf(a.resource), nameOf(b.resource)));
  return graph;
}

function nameOf(resource: ResourceReference): string {
  const owner = resource.kind === 'endpoint' ? resource.service : resource.kind === 'keyspace' ? resource.cache : '';
  return [resource.kind, owner, resource.name].join(' ');
}

/** With the schemas that it refers to, under short names. */
function named(graph: Graph, files: ReadonlyMap<string, Facts>): Graph {
  const schemas = Object.assign({}, ...[...files.values()].map((facts) => facts.schemas)) as Graph['schemas'];
  const names = shortNames(Object.keys(schemas));
  const entries = Object.entries(schemas).map(([identity, schema]): [string, unknown] => [
    names.get(identity) ?? identity,
    renameReferences(schema, names),
  ]);
  return {
    ...(renameReferences(graph, names) as Graph),
    schemas: Object.fromEntries(entries.sort(([a], [b]) => compare(a, b))) as Graph['schemas'],
  };
}
