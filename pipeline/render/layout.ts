import type { ELK, ElkExtendedEdge, ElkNode, ElkPort, LayoutOptions } from 'elkjs';
import { type Card, cardsOf, cut, fonts, type Text } from './card.ts';
import { widthOf } from './measure.ts';
import { pack } from './pack.ts';
import { colorOf } from './theme.ts';
import { type EdgeKind, labelOf, linesOf, type View, type ViewEdge } from './view.ts';

/** Where everything goes, in pixels from the upper left corner. */
export interface Layout {
  width: number;
  height: number;
  cards: Placed<Card>[];
  lines: Line[];
}

export type Placed<T> = T & { x: number; y: number };

export interface Point {
  x: number;
  y: number;
}

export interface Line {
  edge: ViewEdge;
  /** From border to border; neighbours differ in x or in y, never in both. */
  points: Point[];
  label?: Placed<{ text: Text; width: number; height: number }>;
}

/** Where lines come from and go to. */
export type Direction = 'RIGHT' | 'DOWN';

/** Width by height that a picture comes near to: that of screens and pages. */
const aspectRatio = 1.6;

/** Lines of a picture up to which they carry labels; beyond, labels would be all that one sees. */
const fewLines = 24;

const longestLabel = 150;

const options: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '1',
  'elk.separateConnectedComponents': 'false',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': '48',
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.thoroughness': '40',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
};

/** Where lines go in a circle, those with the lower number run against the direction of reading. */
const forwardness: Record<EdgeKind, number> = {
  request: 20,
  authenticate: 1,
  trigger: 1,
  publish: 10,
  deliver: 10,
  call: 1,
  use: 10,
};

/**
 * Lays out a view in layers, in the direction of requests and messages: from left to right, or downwards where that makes
 * a picture of better proportions. Lines come in at one side of a card and leave at the opposite one; those of one kind
 * share the spot. Parts that have nothing to do with each other stand beside and below each other.
 */
export async function layOut(view: View): Promise<Layout> {
  // A megabyte and a half: only for those who ask for a picture.
  const { default: elk } = await import('elkjs/lib/elk.bundled.js');
  const engine = new elk.default();
  const edges = linesOf(view);
  const labels = new Map(edges.length > fewLines ? [] : edges.map((edge) => [edge.id, labelText(edge)]));
  const parts = partsOf(cardsOf(view), edges);
  const inDirection = async (direction: Direction): Promise<Layout> => {
    const layouts: Layout[] = [];
    for (const part of parts) layouts.push(await layOutPart(engine, part, labels, direction));
    return pack(layouts, aspectRatio);
  };
  const right = await inDirection('RIGHT');
  if (edges.length <= fewLines) return right;
  const down = await inDirection('DOWN');
  return misproportion(down) < misproportion(right) ? down : right;
}

/** 0 for the proportions aimed at, and more the further from them on either side. */
function misproportion({ width, height }: Layout): number {
  return Math.abs(Math.log(width / height / aspectRatio));
}

interface Part {
  cards: Card[];
  edges: ViewEdge[];
}

/** The connected parts, in the order of their first cards. */
function partsOf(cards: Card[], edges: ViewEdge[]): Part[] {
  const part = new Map(cards.map(({ node }) => [node.id, node.id]));
  for (const { from, to } of edges) {
    const [kept, joined] = [part.get(from), part.get(to)];
    for (const [id, its] of part) if (its === joined) part.set(id, kept!);
  }
  const groups = Map.groupBy(cards, ({ node }) => part.get(node.id)!);
  return [...groups].map(([id, group]) => ({
    cards: group,
    edges: edges.filter(({ from }) => part.get(from) === id),
  }));
}

type Labels = Map<string, Text | undefined>;

async function layOutPart(engine: ELK, { cards, edges }: Part, labels: Labels, direction: Direction): Promise<Layout> {
  const result = await engine.layout({
    id: 'root',
    layoutOptions: { ...options, 'elk.direction': direction },
    children: cards.map((card) => nodeOf(card, edges, direction)),
    edges: edges.map((edge) => edgeOf(edge, labels.get(edge.id))),
  });
  return collect(result, cards, edges, labels);
}

function nodeOf({ node, width, height }: Card, edges: ViewEdge[], direction: Direction): ElkNode {
  const [entry, exit] = direction === 'RIGHT' ? (['WEST', 'EAST'] as const) : (['NORTH', 'SOUTH'] as const);
  const ports = new Map<string, ElkPort>();
  for (const edge of edges) {
    if (edge.from === node.id) ports.set(portOf(edge, 'from'), { id: portOf(edge, 'from'), ...at(exit) });
    if (edge.to === node.id) ports.set(portOf(edge, 'to'), { id: portOf(edge, 'to'), ...at(entry) });
  }
  return {
    id: node.id,
    width,
    height,
    ports: [...ports.values()],
    layoutOptions: {
      'elk.portConstraints': 'FIXED_SIDE',
      ...(node.kind === 'gateway' ? { 'elk.layered.layering.layerConstraint': 'FIRST' } : {}),
    },
  };
}

function at(side: string): { layoutOptions: LayoutOptions } {
  return { layoutOptions: { 'elk.port.side': side } };
}

/** Shared by lines of one kind and one colour. */
function portOf(edge: ViewEdge, end: 'from' | 'to'): string {
  return `${end} ${edge.kind} ${colorOf(edge)} ${edge[end]}`;
}

function edgeOf(edge: ViewEdge, text: Text | undefined): ElkExtendedEdge {
  const inline = { 'elk.edgeLabels.inline': 'true' };
  return {
    id: edge.id,
    sources: [portOf(edge, 'from')],
    targets: [portOf(edge, 'to')],
    layoutOptions: { 'elk.layered.priority.direction': String(forwardness[edge.kind]) },
    ...(text ? { labels: [{ text: text.shown, width: labelWidth(text), height: 18, layoutOptions: inline }] } : {}),
  };
}

function labelText(edge: ViewEdge): Text | undefined {
  const label = labelOf(edge);
  return label === '' ? undefined : cut(label, longestLabel, fonts.label);
}

function labelWidth({ shown }: Text): number {
  return Math.ceil(widthOf(shown, fonts.label)) + 12;
}

function collect(root: ElkNode, cards: Card[], edges: ViewEdge[], labels: Labels): Layout {
  const places = new Map(root.children?.map((child) => [child.id, child]));
  const routes = new Map(root.edges?.map((edge) => [edge.id, edge]));
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    cards: cards.map((card) => {
      const { x = 0, y = 0 } = places.get(card.node.id) ?? {};
      return { ...card, x, y };
    }),
    lines: edges.map((edge) => lineOf(edge, routes.get(edge.id), labels.get(edge.id))),
  };
}

function lineOf(edge: ViewEdge, route: ElkExtendedEdge | undefined, text: Text | undefined): Line {
  const { sections = [], labels: [label] = [] } = route ?? {};
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]);
  if (!text || !label) return { edge, points };
  const { x = 0, y = 0, width = 0, height = 0 } = label;
  return { edge, points, label: { text, x, y, width, height } };
}
