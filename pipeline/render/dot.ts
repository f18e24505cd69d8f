import { colorOf, colors } from './theme.ts';
import { calmEdges, type EdgeKind, labelOf, type NodeKind, type View, type ViewNode } from './view.ts';

/** The view in Graphviz's language. Ends without a newline. */
export function renderDot(view: View): string {
  return [
    `digraph ${quote(view.application)} {`,
    '  rankdir=LR',
    '  node [fontname="Helvetica", fontsize=11, style="filled,rounded", fillcolor=white]',
    '  edge [fontname="Helvetica", fontsize=9]',
    ...view.nodes.map((node) => `  ${quote(node.id)} [${attributes(nodeAttributes(node))}]`),
    ...calmEdges(view).map((edge) => {
      const look = { label: labelOf(edge), color: light(colorOf(edge)), style: styles[edge.kind] ?? '' };
      return `  ${quote(edge.from)} -> ${quote(edge.to)} [${attributes(look)}]`;
    }),
    '}',
  ].join('\n');
}

const shapes: Record<NodeKind, string> = {
  gateway: 'house',
  service: 'box',
  database: 'cylinder',
  topic: 'hexagon',
  bucket: 'invtrapezium',
  cache: 'component',
  cron: 'oval',
};

const styles: Partial<Record<EdgeKind, string>> = { deliver: 'dashed' };

function nodeAttributes({ kind, name, note, secrets }: ViewNode): Record<string, string> {
  const lines = [name, note, ...(secrets.length > 0 ? [`secrets: ${secrets.join(', ')}`] : [])];
  return {
    label: lines.filter((line) => line !== '').join('\n'),
    shape: shapes[kind],
    color: light(kind),
    // Not every shape can be drawn with round corners.
    ...(kind === 'service' ? {} : { style: 'filled' }),
  };
}

function light(name: string): string {
  return colors[name]![0];
}

function attributes(values: Record<string, string>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join(', ');
}

/** A quoted string in which nothing is an escape of Graphviz but the line ends of labels. */
function quote(text: string): string {
  const printable = text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '\u{fffd}');
  return `"${printable.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;').replaceAll('\n', '\\n')}"`;
}
