import { expect, test } from '@jest/globals';
import { minute, poll } from '../../cdk/time.ts';

/** Time that passes only while somebody waits. */
function passing() {
  let now = 0;
  const wait = async (milliseconds: number) => {
    now += milliseconds;
  };
  return { now: () => new Date(now), wait };
}

test('what does not end is waited for no longer than it may take', async () => {
  let asked = 0;
  const never = async () => {
    asked += 1;
    return undefined;
  };
  const polling = { what: 'stack fairlead-shop-pr-1', within: 2 * minute };
  await expect(poll(never, passing(), polling)).rejects.toThrow(
    'FL7113: stack fairlead-shop-pr-1 did not come to its end within 2 minutes',
  );
  expect(asked).toBeGreaterThan(20);
});

test('what ends is answered, also at the last moment', async () => {
  const time = passing();
  const late = async () => (time.now().getTime() >= 1_000 ? 'there' : undefined);
  expect(await poll(late, time, { what: 'it', within: 1_000, from: 1_000 })).toBe('there');
});
