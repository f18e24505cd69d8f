// Analyzes one case after the other, in a process of its own that may hang or die.
import fc from 'fast-check';
import { analyzeMutated } from '../test/support/fuzz.ts';
import { type Mutation, mutations } from '../test/support/mutations.ts';

/** What a case was, and what went wrong with it. */
export interface Tried {
  changes: readonly Mutation[];
  /** Absent: nothing. */
  failure?: string;
}

const sizes = [10, 300, 1000, 3000, 10_000];
const cases = fc.array(mutations(sizes), { minLength: 1, maxLength: 4 });

process.on('message', async (seed: number) => {
  const [changes = []] = fc.sample(cases, { seed, numRuns: 1 });
  // Told before, so that it is known of a case that never ends.
  process.send?.({ changes } satisfies Tried);
  try {
    await analyzeMutated(changes);
    process.send?.({ changes });
  } catch (error) {
    process.send?.({ changes, failure: (error instanceof Error && error.stack) || String(error) });
  }
});
