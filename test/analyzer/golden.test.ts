import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { analyze, type Graph } from '../../analyzer/mod.ts';

const repository = resolve(import.meta.dirname, '../..');
const golden = join(repository, 'test/golden');
const cases = readdirSync(golden);

const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(
  JSON.parse(readFileSync(join(repository, 'analyzer/graph.schema.json'), 'utf8')),
);

async function graphAt(root: string): Promise<Graph> {
  const { graph, diagnostics } = await analyze({ root });
  if (!graph) throw new Error(JSON.stringify(diagnostics, null, 1));
  return graph;
}

const textOf = (graph: Graph) => `${JSON.stringify(graph, null, 2)}\n`;

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(0);
});

describe.each(cases)('%s', (name) => {
  const application = join(golden, name, 'app');
  const file = join(golden, name, 'graph.json');

  test('gives the graph that was reviewed', async () => {
    const text = textOf(await graphAt(application));
    if (process.env.UPDATE_GOLDENS === '1') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  test('gives the same bytes again, and from another directory', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'fairlead-golden-'));
    try {
      cpSync(application, elsewhere, { recursive: true });
      const [first, second, moved] = [await graphAt(application), await graphAt(application), await graphAt(elsewhere)];
      expect(textOf(second)).toBe(textOf(first));
      expect(textOf(moved)).toBe(textOf(first));
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  test('fits the published schema', async () => {
    validate(await graphAt(application));
    expect(validate.errors).toBeNull();
  });
});

test('the shop fits the published schema', async () => {
  validate(await graphAt(join(repository, 'examples/shop')));
  expect(validate.errors).toBeNull();
});

test.each<[string, (graph: Graph) => unknown]>([
  ['another version', (graph) => ({ ...graph, version: 1 })],
  ['a missing list', ({ uses: _, ...graph }) => graph],
  ['a key that nothing reads', (graph) => ({ ...graph, extra: true })],
  [
    'a place outside its file',
    (graph) => ({ ...graph, secrets: [{ name: 'S', position: { file: 'a.ts', line: 0, column: 1 } }] }),
  ],
  [
    'an unknown operation',
    (graph) => ({ ...graph, uses: graph.uses.map((use) => ({ ...use, operations: ['drop'] })) }),
  ],
  [
    'an edge without operations',
    (graph) => ({ ...graph, uses: graph.uses.map((use) => ({ ...use, operations: [] })) }),
  ],
  ['a reference that leads out', (graph) => ({ ...graph, schemas: { 'a.B': { $ref: 'https://example.com' } } })],
  [
    'an unknown place of a field',
    (graph) => JSON.parse(JSON.stringify(graph).replace('"in":"body"', '"in":"trailer"')),
  ],
  [
    'a path that does not begin at the root',
    (graph) => JSON.parse(JSON.stringify(graph).replace('"path":"/', '"path":"')),
  ],
  ['an edge without a cause', (graph) => ({ ...graph, uses: graph.uses.map((use) => ({ ...use, causes: [] })) })],
  [
    'an unknown kind of endpoint',
    (graph) => JSON.parse(JSON.stringify(graph).replace('"kind":"typed"', '"kind":"rpc"')),
  ],
  [
    'a deeper reference that leads out',
    (graph) => ({ ...graph, schemas: { 'a.B': { type: 'array', items: { $ref: '#/services/0' } } } }),
  ],
  ['a hash of another length', (graph) => JSON.parse(JSON.stringify(graph).replace(/"hash":"../, '"hash":"'))],
])('the published schema refuses %s', async (_, broken) => {
  const graph = await graphAt(join(golden, 'bookshop/app'));
  expect(validate(broken(graph))).toBe(false);
});
