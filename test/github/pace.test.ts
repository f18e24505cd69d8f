import { expect, test } from '@jest/globals';
import { createPace } from '../../github/pace.ts';

test('lets a few through at once, and then one in each interval', async () => {
  const pace = createPace(3, 50);
  const begin = performance.now();
  const passed = await Promise.all(
    Array.from({ length: 5 }, async () => {
      await pace();
      return performance.now() - begin;
    }),
  );
  expect(passed[2]).toBeLessThan(45);
  // A timer may be early by a millisecond.
  expect(passed[3]).toBeGreaterThanOrEqual(48);
  expect(passed[4]).toBeGreaterThanOrEqual(98);
});
