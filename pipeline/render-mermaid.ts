import type { Graph } from '../analyzer/mod.ts';
import { cut, visible } from './markdown.ts';
import { calmEdges, labelOf, type NodeKind, type ViewEdge, type ViewNode, viewOf } from './render/view.ts';

/** The Graph as a Mermaid flowchart: services in the middle, what they use around them. Ends without a newline. */
export function renderMermaid(graph: Graph): string {
  const view = viewOf(graph);
  const edges = calmEdges(view);
  return flowchart({
    nodes: view.nodes.map((node) => ({ node, notes: notesOf(node) })),
    edges: edges.map((edge) => ({ edge })),
  });
}

/** What is drawn, with the classes that give it its look. */
export interface Flowchart {
  /** The lines below the name. */
  nodes: { node: ViewNode; notes: string[]; look?: string }[];
  /** `look` is a style of Mermaid's, such as `stroke:#1a7f37`. */
  edges: { edge: ViewEdge; look?: string }[];
  /** The styles of the nodes' looks, by their names. */
  looks?: Readonly<Record<string, string>>;
}

/** Ends of edges that are no nodes are left out. Ends without a newline. */
export function flowchart({ nodes, edges, looks = {} }: Flowchart): string {
  const ids = new Map(nodes.map(({ node }, index) => [node.id, `${node.kind}${index}`]));
  const drawn = edges.filter(({ edge }) => ids.has(edge.from) && ids.has(edge.to));
  const lines = [
    ...nodes.map(({ node, notes, look }) => {
      return `${ids.get(node.id)}${shape(node, notes)}${look === undefined ? '' : `:::${look}`}`;
    }),
    ...drawn.map(({ edge }) => {
      const text = label(labelOf(edge));
      return `${ids.get(edge.from)} ${text === '' ? '-->' : `-- "${text}" -->`} ${ids.get(edge.to)}`;
    }),
    ...Object.entries(looks).map(([name, style]) => `classDef ${name} ${style}`),
    ...drawn.flatMap(({ look }, index) => (look === undefined ? [] : [`linkStyle ${index} ${look}`])),
  ];
  return ['flowchart LR', ...lines.map((line) => `  ${line}`)].join('\n');
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

function shape({ kind, name }: ViewNode, notes: string[]): string {
  const [open, close] = brackets[kind];
  return `${open}"${[name, ...notes].map(label).join('<br/>')}"${close}`;
}

function notesOf({ kind, note, secrets, public: reachable }: ViewNode): string[] {
  return [
    ...(kind === 'cron' || (kind === 'bucket' && reachable) ? [note] : []),
    ...(secrets.length > 0 ? [`${secrets.length === 1 ? 'secret' : 'secrets'}: ${shorten(secrets)}`] : []),
  ];
}

function shorten(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/** Characters of one line of a label. */
const longestLine = 40;

/**
 * Everything that could mean something to Mermaid, Markdown or HTML becomes Mermaid's numeric entity. Dashes and dots mean
 * nothing within a word; at the beginning of a text they would be a list.
 */
function label(text: string): string {
  return cut(visible(text), longestLine).replace(
    /(?<![\p{L}\p{N}])[-./]|[-./](?![\p{L}\p{N}])|[^\p{L}\p{N} ,:./-]/gu,
    (character) => `#${character.codePointAt(0)};`,
  );
}
