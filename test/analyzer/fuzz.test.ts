import { test } from '@jest/globals';
import fc from 'fast-check';
import { analyzeMutated } from '../support/fuzz.ts';
import { mutations } from '../support/mutations.ts';

test('no source makes the analyzer throw, and a graph comes exactly without errors', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutations([10, 100]), { minLength: 1, maxLength: 3 }), analyzeMutated),
    // `npm run bench -- fuzz` digs deeper; a failure prints its seed.
    { numRuns: Number(process.env.FUZZ_RUNS ?? 60), seed: 20260719 },
  );
});
