import { type Card, fonts, metrics, type Row, type Text } from './card.ts';
import { type Glyph, glyphs } from './glyphs.ts';
import type { Layout, Line, Placed, Point } from './layout.ts';
import { widthOf } from './measure.ts';
import { colorOf, colors } from './theme.ts';
import { type EdgeKind, kindNames, linesOf, type NodeKind, sentenceOf, type View } from './view.ts';
import { element, escapeXml } from './xml.ts';

const cornerRadius = 10;

/** How everything below is drawn; the colours are variables of `theme.ts`. */
export const drawingStyles = [
  ...Object.keys(colors).map((name) => `.fairlead .is-${name}{--accent:var(--${name})}`),
  '.fairlead text{fill:var(--text)}',
  `.fairlead .headline{font-size:${fonts.headline.size}px;font-weight:600}`,
  `.fairlead .title{font-size:${fonts.title.size}px;font-weight:600}`,
  `.fairlead .note{font-size:${fonts.note.size}px;fill:var(--muted)}`,
  `.fairlead .row{font-size:${fonts.row.size}px}`,
  `.fairlead .label{font-size:${fonts.label.size}px;fill:var(--muted)}`,
  '.fairlead .box{fill:var(--card);stroke:var(--border)}',
  '.fairlead .rule{stroke:var(--line)}',
  '.fairlead .tile{fill:var(--accent);opacity:.12}',
  '.fairlead .glyph{fill:none;stroke:var(--accent);stroke-width:1.4;stroke-linecap:round;stroke-linejoin:round}',
  '.fairlead .globe{--accent:var(--gateway)}',
  '.fairlead .line{fill:none;stroke:var(--accent);stroke-width:1.5;opacity:.75}',
  '.fairlead .request .line,.fairlead .authenticate .line{opacity:.55}',
  '.fairlead .deliver .line{stroke-dasharray:5 4}',
  '.fairlead .authenticate .line{stroke-dasharray:.1 4;stroke-linecap:round;stroke-width:2}',
  '.fairlead .plate{fill:var(--canvas)}',
  '.fairlead .tip{fill:var(--accent);stroke:none}',
].join('\n');

/** Cards and lines. Nodes carry `data-node`, lines `data-edge`, `data-from` and `data-to`. */
export function drawStage(layout: Layout): string {
  // One to a line, so that a picture under version control has changes that can be read.
  const group = (name: string, parts: string[]) => element('g', { class: name }, ...parts.map((part) => `\n${part}`));
  return [
    group('edges', layout.lines.map(drawLine)),
    group('cards', layout.cards.map(drawCard)),
    group(
      'labels',
      layout.lines.map(drawLabel).filter((part) => part !== ''),
    ),
  ].join('\n');
}

function drawCard({ node, x, y, width, height, title, note, rows }: Placed<Card>): string {
  const { padding, tile, gap, head } = metrics;
  const text = padding + tile + gap;
  const top = (head - tile) / 2;
  return element(
    'g',
    { class: `card is-${node.kind}`, 'data-node': node.id, transform: `translate(${x} ${y})` },
    element('rect', { class: 'box', width, height, rx: cornerRadius }),
    element('rect', { class: 'tile', x: padding, y: top, width: tile, height: tile, rx: 8 }),
    glyph(node.kind, padding + 7, top + 7, 18),
    label('title', title, text, head / 2 - 3),
    label('note', note, text, head / 2 + 14),
    node.public && node.kind !== 'gateway' ? glyph('globe', width - padding - metrics.glyph, 14, metrics.glyph) : '',
    rows.length > 0 ? element('path', { class: 'rule', d: `M0 ${head}H${width}` }) : '',
    ...rows.map((row, index) => drawRow(row, head + index * metrics.row + 3, width)),
  );
}

function drawRow(row: Row, y: number, width: number): string {
  const { padding, glyph: size, gap, row: height } = metrics;
  const base = height / 2 + 4.5;
  const end = width - padding - (row.public ? size + gap : 0);
  return element(
    'g',
    { class: `inner is-${row.glyph}`, 'data-node': row.node, transform: `translate(0 ${y})` },
    glyph(row.glyph, padding, (height - size) / 2, size),
    label('row', row.name, padding + size + gap, base),
    row.public ? glyph('globe', width - padding - size, (height - size) / 2, size) : '',
    row.note.shown === '' ? '' : label('note', row.note, end, base, 'end'),
  );
}

export function label(kind: string, { shown, full }: Text, x: number, y: number, anchor?: 'end' | 'middle'): string {
  const title = full === undefined ? '' : element('title', {}, escapeXml(full));
  return element('text', { class: kind, x, y, 'text-anchor': anchor }, title, escapeXml(shown));
}

/** @param size pixels; the drawings are made for 16 */
function glyph(name: Glyph, x: number, y: number, size: number): string {
  const scale = size === 16 ? '' : ` scale(${round(size / 16)})`;
  return element('path', {
    class: name === 'globe' ? 'glyph globe' : 'glyph',
    transform: `translate(${x} ${y})${scale}`,
    d: glyphs[name],
  });
}

function drawLine({ edge, points }: Line): string {
  return element(
    'g',
    {
      class: `edge ${edge.kind} is-${colorOf(edge)}`,
      'data-edge': edge.id,
      'data-from': edge.from,
      'data-to': edge.to,
    },
    element('title', {}, escapeXml(sentenceOf(edge))),
    element('path', { class: 'line', d: rounded(points), 'marker-end': `url(#tip-${colorOf(edge)})` }),
  );
}

function drawLabel({ edge, label: placed }: Line): string {
  if (!placed) return '';
  const { x, y, width, height, text } = placed;
  return element(
    'g',
    { class: 'edge-label', 'data-from': edge.from, 'data-to': edge.to },
    element('rect', { class: 'plate', x, y, width, height, rx: 4 }),
    label('label', text, round(x + width / 2), round(y + height / 2 + 4), 'middle'),
  );
}

/** A path along the points, its corners rounded; it ends before the last point by the length of the tip. */
function rounded(points: Point[]): string {
  const ends = points.map((point, index) =>
    index === points.length - 1 ? towards(point, points[index - 1]!, 6) : point,
  );
  const parts = ends.map((point, index) => {
    const [before, after] = [ends[index - 1], ends[index + 1]];
    if (!before) return `M${point.x} ${point.y}`;
    if (!after) return `L${point.x} ${point.y}`;
    const radius = Math.min(8, distance(before, point) / 2, distance(point, after) / 2);
    const [start, end] = [towards(point, before, radius), towards(point, after, radius)];
    return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return parts.join('');
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return {
    x: round(from.x + ((to.x - from.x) * length) / whole),
    y: round(from.y + ((to.y - from.y) * length) / whole),
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** For `defs`: one arrow head per colour: those of the lines' own colour are not understood everywhere. */
export function markers({ edges }: View): string[] {
  const names = [...new Set(edges.map(colorOf))].sort();
  return names.map((name) =>
    element(
      'marker',
      {
        id: `tip-${name}`,
        viewBox: '0 0 8 8',
        refX: 1,
        refY: 4,
        markerWidth: 8,
        markerHeight: 8,
        markerUnits: 'userSpaceOnUse',
        orient: 'auto',
      },
      element('path', { class: `tip is-${name}`, d: 'M0 .5 7 4 0 7.5Z' }),
    ),
  );
}

/** The kinds of things and lines that the view has, in one row. */
export function legendOf(view: View): { width: number; parts: string[] } {
  let x = 0;
  const parts: string[] = [];
  const add = (words: string, drawing: string) => {
    parts.push(
      element('g', { transform: `translate(${round(x)} 0)` }, drawing, label('note', { shown: words }, 24, 12)),
    );
    x += 24 + widthOf(words, fonts.note) + 18;
  };
  const lines = linesOf(view);
  const kinds = new Set<NodeKind>(view.nodes.map(({ kind }) => kind));
  for (const kind of kinds) add(kindNames[kind], element('g', { class: `is-${kind}` }, glyph(kind, 4, 1, 14)));
  if (view.nodes.some(({ secrets }) => secrets.length > 0)) {
    add(kindNames.secret, element('g', { class: 'is-secret' }, glyph('secret', 4, 1, 14)));
  }
  if (view.nodes.some((node) => node.public)) add('reached from outside', glyph('globe', 4, 1, 14));
  for (const [kind, words] of Object.entries(lineNames)) {
    const edge = lines.find((line) => line.kind === kind);
    if (!edge) continue;
    add(
      words,
      element('g', { class: `${kind} is-${colorOf(edge)}` }, element('path', { class: 'line', d: 'M0 8H18' })),
    );
  }
  return { width: x, parts };
}

const lineNames: Partial<Record<EdgeKind, string>> = {
  request: 'requests',
  authenticate: 'authenticates',
  call: 'calls',
  publish: 'publishes',
  deliver: 'delivers',
};

export function round(number: number): number {
  return Math.round(number * 100) / 100;
}
