import type { Graph } from '../analyzer/mod.ts';
import { calmEdges, labelOf, type NodeKind, type ViewNode, viewOf } from './render/view.ts';

/** The Graph as a Mermaid flowchart: services in the middle, what they use around them. Ends without a newline. */
export function renderMermaid(graph: Graph): string {
  const view = viewOf(graph);
  const ids = new Map(view.nodes.map(({ id, kind }, index) => [id, `${kind}${index}`]));
  const nodes = view.nodes.map((node) => `${ids.get(node.id)}${shape(node)}`);
  const edges = calmEdges(view).map((edge) => {
    const text = label(labelOf(edge));
    return `${ids.get(edge.from)} ${text === '' ? '-->' : `-- "${text}" -->`} ${ids.get(edge.to)}`;
  });
  return ['flowchart LR', ...[...nodes, ...edges].map((line) => `  ${line}`)].join('\n');
}

const brackets: Record<NodeKind, [open: string, close: string]> = {
  gateway: ['((', '))'],
  service: ['[', ']'],
  database: ['[(', ')]'],
  topic: ['{{', '}}'],
  bucket: ['[\\', '/]'],
  cache: ['[[', ']]'],
  cron: ['([', '])'],
};

function shape({ kind, name, note, secrets, public: reachable }: ViewNode): string {
  const [open, close] = brackets[kind];
  const lines = [
    name,
    ...(kind === 'cron' || (kind === 'bucket' && reachable) ? [note] : []),
    ...(secrets.length > 0 ? [`${secrets.length === 1 ? 'secret' : 'secrets'}: ${shorten(secrets)}`] : []),
  ];
  return `${open}"${lines.map(label).join('<br/>')}"${close}`;
}

function shorten(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/** Everything that could mean something to Mermaid, Markdown or HTML becomes Mermaid's numeric entity. */
function label(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,_/:-]/gu, (character) => `#${character.codePointAt(0)};`);
}
