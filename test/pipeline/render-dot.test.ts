import { expect, test } from '@jest/globals';
import { renderDot } from '../../pipeline/render/dot.ts';
import { viewOf } from '../../pipeline/render/view.ts';
import { generatedGraph } from '../support/generated-graph.ts';
import * as built from '../support/graph.ts';

test('nodes by their kind, lines with what they stand for', () => {
  const graph = built.graph({
    services: [built.service('orders', { subscriptions: [built.subscription('again', 'created')] })],
    databases: [built.database('orders', 'migrations', [])],
    topics: [built.topic('created')],
    secrets: [{ name: 'Key', position: built.position }],
    uses: [
      built.use('orders', { kind: 'database', name: 'orders' }, ['read', 'write']),
      built.use('orders', { kind: 'secret', name: 'Key' }, ['read']),
    ],
  });
  const [first, , , , ...lines] = renderDot(viewOf(graph)).split('\n');
  expect(first).toBe('digraph "test" {');
  expect(lines).toEqual([
    '  "service:orders" [label="orders\\nno endpoints\\nsecrets: Key", shape="box", color="#4f46e5"]',
    '  "database:orders" [label="orders\\n0 migrations", shape="cylinder", color="#0969da", style="filled"]',
    '  "topic:created" [label="created\\nat least once", shape="hexagon", color="#bc4c00", style="filled"]',
    '  "service:orders" -> "database:orders" [label="read, write", color="#0969da"]',
    '  "topic:created" -> "service:orders" [label="again", color="#bc4c00", style="dashed"]',
    '}',
  ]);
});

test('no name can break out of a string', () => {
  const name = 'a"] b [label=<<b>x</b>>]; \\"\\ \n\u0000 &lt;';
  const node = renderDot(viewOf(built.graph({ services: [built.service(name)] }))).split('\n')[4];
  expect(node).toMatch(/^ {2}"(?:[^"\\]|\\["\\n])*" \[label="(?:[^"\\]|\\["\\n])*", shape="box", color="#4f46e5"\]$/);
});

test('all nodes of a large application', () => {
  const view = viewOf(generatedGraph());
  const text = renderDot(view);
  expect(view.nodes.filter(({ id }) => !text.includes(`  "${id}" [`))).toEqual([]);
});
