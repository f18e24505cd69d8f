import type { Graph } from '../../analyzer/mod.ts';
// Not from its mod.ts: an analysis needs nothing else of the pipeline.
import { renderMermaid } from '../../pipeline/render-mermaid.ts';
import { analyzeApplication } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { paint } from '../paint.ts';
import { table } from '../table.ts';

/** The infrastructure graph in the format asked for. */
export async function graph(context: Context, { format }: { format: 'json' | 'mermaid' | 'table' }): Promise<Result> {
  const document = await analyzeApplication(context);
  const text = {
    json: () => JSON.stringify(document, null, 2),
    mermaid: () => renderMermaid(document),
    table: () => renderTables(document),
  }[format]();
  return { document, text };
}

function renderTables(graph: Graph): string {
  const sections: [string, string[], string[][]][] = [
    ['Endpoints', ['service', 'endpoint', 'methods', 'path', 'access'], endpoints(graph)],
    ['Databases', ['name', 'migrations', 'used by'], databases(graph)],
    ['Topics', ['name', 'published by', 'subscriptions'], topics(graph)],
    ['Cron jobs', ['name', 'when (UTC)', 'calls'], cronJobs(graph)],
    ['Secrets', ['name', 'read by'], graph.secrets.map(({ name }) => [name, users(graph, 'secret', name)])],
    ['Calls', ['from', 'to'], calls(graph)],
  ];
  return sections
    .filter(([, , rows]) => rows.length > 0)
    .map(
      ([title, head, rows]) => `${paint('bold', title)}\n${table([head.map((cell) => paint('dim', cell)), ...rows])}`,
    )
    .join('\n\n');
}

function endpoints({ services }: Graph): string[][] {
  return services.flatMap((service) =>
    service.endpoints.map(({ name, methods, path, exposed, auth }) => [
      service.name,
      name,
      methods.join(' '),
      path,
      `${exposed ? 'public' : 'private'}${auth ? ', auth' : ''}`,
    ]),
  );
}

function databases(graph: Graph): string[][] {
  return graph.databases.map(({ name, migrations }) => [
    name,
    String(migrations?.files.length ?? 0),
    users(graph, 'database', name),
  ]);
}

function topics(graph: Graph): string[][] {
  return graph.topics.map(({ name }) => {
    const subscriptions = graph.services.flatMap((service) =>
      service.subscriptions.filter(({ topic }) => topic === name).map((one) => `${one.name} (${service.name})`),
    );
    return [name, users(graph, 'topic', name), subscriptions.join(', ')];
  });
}

function cronJobs({ cronJobs }: Graph): string[][] {
  return cronJobs.map(({ name, when, endpoint }) => [
    name,
    'every' in when ? `every ${when.every / 60_000} min` : when.schedule,
    `${endpoint.service}.${endpoint.endpoint}`,
  ]);
}

function calls({ uses }: Graph): string[][] {
  return uses.flatMap(({ service, resource }) =>
    resource.kind === 'endpoint' ? [[service, `${resource.service}.${resource.name}`]] : [],
  );
}

function users({ uses }: Graph, kind: 'database' | 'topic' | 'secret', name: string): string {
  const services = uses.filter(({ resource }) => resource.kind === kind && resource.name === name);
  return [...new Set(services.map(({ service }) => service))].join(', ');
}
