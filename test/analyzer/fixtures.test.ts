import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Analysis, analyze } from '../../analyzer/mod.ts';
import { renderDiagnostics } from '../../cli/render-diagnostics.ts';
import { withApplication } from './application.ts';

/**
 * Each `<case>.txt` is a whole application, `-- path --` before each of its files. Beside it lies what the analyzer has to say:
 * `<case>.graph.json`, and `<case>.diagnostics.txt` where there is something to mend. `UPDATE_GOLDENS=1` writes both.
 */
const directory = join(import.meta.dirname, 'fixtures');
const cases = readdirSync(directory)
  .filter((name) => name.endsWith('.txt') && !name.endsWith('.diagnostics.txt'))
  .map((name) => name.slice(0, -'.txt'.length));

const plain = (_style: string, text: string) => text;

async function analysisOf(name: string): Promise<{ graph: string; diagnostics: string }> {
  return withApplication(readFileSync(join(directory, `${name}.txt`), 'utf8'), async (root) => {
    const { graph, diagnostics }: Analysis = await analyze({ root });
    return {
      graph: graph ? `${JSON.stringify(graph, null, 2)}\n` : '',
      diagnostics:
        diagnostics.length > 0 ? `${renderDiagnostics(diagnostics, { root, from: root, paint: plain })}\n` : '',
    };
  });
}

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(10);
});

describe.each(cases)('%s', (name) => {
  test('is read as it was reviewed', async () => {
    const files = {
      graph: join(directory, `${name}.graph.json`),
      diagnostics: join(directory, `${name}.diagnostics.txt`),
    };
    const found = await analysisOf(name);
    for (const kind of ['graph', 'diagnostics'] as const) {
      if (process.env.UPDATE_GOLDENS === '1') {
        if (found[kind]) writeFileSync(files[kind], found[kind]);
        else rmSync(files[kind], { force: true });
      }
      expect(found[kind]).toBe(existsSync(files[kind]) ? readFileSync(files[kind], 'utf8') : '');
    }
  });
});
