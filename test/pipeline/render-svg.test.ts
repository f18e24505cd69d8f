import { describe, expect, test } from '@jest/globals';
import type { Graph } from '../../pipeline/mod.ts';
import { type Layout, layOut } from '../../pipeline/render/layout.ts';
import { renderSvg } from '../../pipeline/render/svg.ts';
import { linesOf, viewOf } from '../../pipeline/render/view.ts';
import { generatedGraph } from '../support/generated-graph.ts';
import * as built from '../support/graph.ts';
import { descendants, parseXml } from '../support/xml.ts';

/** A circle of calls, a service alone, names that are long or none of ours. */
const odd: Graph = built.graph({
  application: '<script>&"\'\u0007',
  services: [
    built.service('a'.repeat(200)),
    built.service('</svg><script>alert(1)</script>', { endpoints: [built.endpoint('x', { exposed: true })] }),
    built.service('"onload="alert(1)'),
    built.service('注文サービス🛒'),
  ],
  secrets: [{ name: '</title><script>', position: built.position }],
  uses: [
    built.use('a'.repeat(200), { kind: 'endpoint', service: '"onload="alert(1)', name: '<b>' }, ['call']),
    built.use('"onload="alert(1)', { kind: 'endpoint', service: 'a'.repeat(200), name: 'x' }, ['call']),
    built.use('"onload="alert(1)', { kind: 'endpoint', service: '"onload="alert(1)', name: 'x' }, ['call']),
    built.use('"onload="alert(1)', { kind: 'secret', name: '</title><script>' }, ['read']),
  ],
});

const graphs: [string, Graph][] = [
  ['nothing', built.graph()],
  ['names from outside', odd],
  ['eight services', generatedGraph(8)],
  ['forty services', generatedGraph(40)],
  ['sixty services', generatedGraph(60, 3)],
];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The parts of lines as boxes without an area. */
function segments({ lines }: Layout): (Box & { of: string })[] {
  return lines.flatMap(({ edge, points }) =>
    points.slice(1).map((end, index) => {
      const start = points[index]!;
      return {
        of: edge.id,
        x: Math.min(start.x, end.x),
        y: Math.min(start.y, end.y),
        width: Math.abs(start.x - end.x),
        height: Math.abs(start.y - end.y),
      };
    }),
  );
}

describe.each(graphs)('%s', (_, graph) => {
  const view = viewOf(graph);

  test('every node and every line is in a well-formed picture', async () => {
    const elements = descendants(parseXml(await renderSvg(view)));
    const values = (name: string) =>
      elements.flatMap(({ attributes }) => (attributes[name] === undefined ? [] : [attributes[name]])).sort();
    expect(values('data-node')).toEqual(view.nodes.map(({ id }) => id).sort());
    expect(values('data-edge')).toEqual(
      linesOf(view)
        .map(({ id }) => id)
        .sort(),
    );
    expect(elements.filter(({ name }) => name === 'script')).toEqual([]);
    expect(
      elements.flatMap(({ attributes }) => Object.keys(attributes).filter((name) => name.startsWith('on'))),
    ).toEqual([]);
  });

  test('no card touches another, no line runs through a card, and all is within the picture', async () => {
    const layout = await layOut(view);
    const { cards } = layout;
    for (const [index, card] of cards.entries()) {
      expect(cards.slice(index + 1).filter((other) => overlap(card, other))).toEqual([]);
      expect(card.x >= 0 && card.x + card.width <= layout.width).toBe(true);
      expect(card.y >= 0 && card.y + card.height <= layout.height).toBe(true);
      expect(segments(layout).filter((segment) => overlap(card, segment))).toEqual([]);
    }
  });

  test('lines run straight, from one border to the other', async () => {
    const { lines, cards } = await layOut(view);
    const touches = (id: string, { x, y }: { x: number; y: number }) => {
      const card = cards.find(({ node }) => node.id === id)!;
      return overlap(
        { x: card.x - 1, y: card.y - 1, width: card.width + 2, height: card.height + 2 },
        { x, y, width: 0, height: 0 },
      );
    };
    for (const { edge, points } of lines) {
      expect(touches(edge.from, points[0]!) && touches(edge.to, points.at(-1)!)).toBe(true);
      for (const [index, point] of points.slice(1).entries()) {
        expect(point.x === points[index]!.x || point.y === points[index]!.y).toBe(true);
      }
    }
  });

  test('the same bytes twice', async () => {
    expect(await renderSvg(viewOf(structuredClone(graph)))).toBe(await renderSvg(view));
  });
});

test('labels keep clear of cards and of each other', async () => {
  const { cards, lines } = await layOut(viewOf(generatedGraph(8)));
  const labels = lines.flatMap(({ label }) => (label ? [label] : []));
  expect(labels.length).toBeGreaterThan(3);
  for (const [index, label] of labels.entries()) {
    expect([...cards, ...labels.slice(index + 1)].filter((other) => overlap(label, other))).toEqual([]);
  }
});

test('what is cut is there in full as a tooltip', async () => {
  const elements = descendants(parseXml(await renderSvg(viewOf(odd))));
  const cut = elements.find(({ name, text }) => name === 'text' && /^a+…$/.test(text))!;
  expect(cut.children.map(({ name, text }) => [name, text])).toEqual([['title', 'a'.repeat(200)]]);
});

test('a resource of one service is on its card, a shared one stands by itself', () => {
  const nodes = new Map(viewOf(generatedGraph(8)).nodes.map((node) => [node.id, node.within]));
  expect(nodes.get('bucket:invoices')).toMatch(/^service:/);
  expect(nodes.get('bucket:pictures')).toBeUndefined();
  expect(nodes.get('cache:prices')).toBeUndefined();
});

test('the gateway has a line to each of a few public services, and none to any of many', () => {
  const requests = (services: number) =>
    linesOf(
      viewOf(
        built.graph({
          services: Array.from({ length: services }, (_, index) =>
            built.service(`s${index}`, { endpoints: [built.endpoint('x', { exposed: true })] }),
          ),
        }),
      ),
    ).length;
  expect([requests(3), requests(6), requests(7)]).toEqual([3, 6, 0]);
});
