import { afterEach, expect, jest, test } from '@jest/globals';
import { pushEvery } from '../../runtime/metrics/push.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('while a push is under way no other is begun, and the last one is at the end', async () => {
  jest.useFakeTimers();
  const begun: (() => void)[] = [];
  const pushing = pushEvery(1_000, 'http://collector', () => new Promise((resolve) => void begun.push(resolve)));
  await jest.advanceTimersByTimeAsync(60_000);
  expect(begun).toHaveLength(1);
  begun[0]!();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(begun).toHaveLength(2);
  const end = pushing.stop();
  begun[1]!();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(begun).toHaveLength(3);
  begun[2]!();
  await end;
});
