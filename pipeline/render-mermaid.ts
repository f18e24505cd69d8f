import type { Graph } from '../analyzer/mod.ts';

/** The Graph as a Mermaid flowchart: services in the middle, what they use around them. Ends without a newline. */
export function renderMermaid(graph: Graph): string {
  const ids = new Map<string, string>();
  const id = (kind: string, name: string): string => {
    const key = `${kind} ${name}`;
    if (!ids.has(key)) ids.set(key, `${kind}${ids.size}`);
    return ids.get(key)!;
  };
  const nodes = [
    ...graph.services.map(({ name }) => `${id('service', name)}["${label(name)}"]`),
    ...graph.databases.map(({ name }) => `${id('database', name)}[("${label(name)}")]`),
    ...graph.topics.map(({ name }) => `${id('topic', name)}{{"${label(name)}"}}`),
    ...graph.cronJobs.map(({ name }) => `${id('cron', name)}(["${label(name)}"])`),
    ...graph.secrets.map(({ name }) => `${id('secret', name)}[/"${label(name)}"/]`),
  ];
  const exposed = graph.services.filter(({ endpoints }) => endpoints.some((endpoint) => endpoint.exposed));
  const edges = [
    ...(exposed.length > 0 ? ['outside((" "))'] : []),
    ...exposed.map(({ name }) => `outside --> ${id('service', name)}`),
    ...graph.cronJobs.map(({ name, endpoint }) =>
      arrow(id('cron', name), endpoint.endpoint, id('service', endpoint.service)),
    ),
    ...graph.uses.flatMap(({ service, resource, operations }) =>
      resource.kind === 'endpoint'
        ? []
        : [arrow(id('service', service), operations.join(', '), id(resource.kind, resource.name))],
    ),
    ...graph.services.flatMap(({ name, subscriptions }) =>
      subscriptions.map((subscription) =>
        arrow(id('topic', subscription.topic), subscription.name, id('service', name)),
      ),
    ),
    ...callsOf(graph).map(({ from, to, endpoints }) =>
      arrow(id('service', from), shorten(endpoints), id('service', to)),
    ),
  ];
  return ['flowchart LR', ...[...nodes, ...edges].map((line) => `  ${line}`)].join('\n');
}

/** One edge per pair of services, however many endpoints are called. */
function callsOf(graph: Graph): { from: string; to: string; endpoints: string[] }[] {
  const calls = graph.uses.flatMap(({ service: from, resource }) =>
    resource.kind === 'endpoint' ? [{ from, to: resource.service, endpoint: resource.name }] : [],
  );
  return [...Map.groupBy(calls, ({ from, to }) => `${from} ${to}`).values()].map((group) => ({
    from: group[0]!.from,
    to: group[0]!.to,
    endpoints: group.map(({ endpoint }) => endpoint),
  }));
}

function arrow(from: string, text: string, to: string): string {
  return `${from} -- "${label(text)}" --> ${to}`;
}

function shorten(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/** Everything that could mean something to Mermaid, Markdown or HTML becomes Mermaid's numeric entity. */
function label(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,_/:-]/gu, (character) => `#${character.codePointAt(0)};`);
}
