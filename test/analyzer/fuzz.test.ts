import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { analyze } from '../../analyzer/mod.ts';
import { sources } from './golden.ts';

const application = resolve(import.meta.dirname, '../golden/bookshop/app');
const originals = sources(application).map((path) => ({ path, text: readFileSync(join(application, path), 'utf8') }));

/** What may stand where something else stood. */
const snippets = [
  '',
  ' ',
  '(',
  '}',
  '`',
  "'",
  '${',
  '/*',
  ';',
  ',',
  '=>',
  '@',
  '\0',
  '\u2028',
  'export ',
  'new ',
  'any',
  'never',
  'undefined',
  'import ',
  'async ',
  '...',
  'type X = X;',
  'class { ',
  'SELECT',
  '--',
  '$$',
  '\uD800',
];

const mutation = fc.record({
  file: fc.nat(originals.length - 1),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  snippet: fc.oneof(fc.constantFrom(...snippets), fc.string({ maxLength: 8 })),
});

test('no source makes the analyzer throw, and a graph comes exactly without errors', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const files = originals.map((file) => ({ ...file }));
      for (const { file, at, length, snippet } of mutations) {
        const target = files[file];
        if (!target) continue;
        const start = Math.floor(at * target.text.length);
        target.text = target.text.slice(0, start) + snippet + target.text.slice(start + length);
      }
      const root = mkdtempSync(join(tmpdir(), 'fairlead-fuzz-'));
      try {
        for (const { path, text } of files) {
          mkdirSync(dirname(join(root, path)), { recursive: true });
          writeFileSync(join(root, path), text);
        }
        const { graph, diagnostics } = await analyze({ root });
        const failed = diagnostics.some(({ severity }) => severity === 'error');
        if (failed === Boolean(graph)) throw new Error('a graph must come exactly when there is no error');
        for (const { position } of diagnostics) {
          if (position && !(position.line >= 1 && position.column >= 1))
            throw new Error(`bad position ${JSON.stringify(position)}`);
        }
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }),
    // FUZZ_RUNS=1000 digs deeper; a failure prints its seed.
    { numRuns: Number(process.env.FUZZ_RUNS ?? 60), seed: 20260719 },
  );
});
