import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from './aws/clock.ts';

const start = Date.parse('2026-11-02T09:00:00Z');

describe('a clock that stands still', () => {
  test('lets what is due happen in its order, with what that leads to', async () => {
    const clock = new VirtualClock('manual', start);
    const seen: [string, number][] = [];
    const note = (name: string) => seen.push([name, clock.now() - start]);
    void clock.sleep(20).then(() => note('second'));
    void clock
      .sleep(10)
      .then(() => note('first'))
      .then(() => clock.sleep(5))
      .then(() => note('in between'));
    void clock.sleep(100).then(() => note('later'));
    expect(clock.now()).toBe(start);
    await clock.advance(50);
    expect(seen).toEqual([
      ['first', 10],
      ['in between', 15],
      ['second', 20],
    ]);
    expect(clock.now()).toBe(start + 50);
  });

  test('gets to the end of a sleep of a fraction', async () => {
    const clock = new VirtualClock('manual', start);
    const slept = clock.sleep(1.5).then(() => clock.now() - start);
    await clock.advance(10);
    expect(await slept).toBe(2);
  });

  test('ends a sleep that is aborted', async () => {
    const clock = new VirtualClock('manual', start);
    const { signal, abort } = ((controller) => ({
      signal: controller.signal,
      abort: () => controller.abort(new Error('enough')),
    }))(new AbortController());
    const slept = clock.sleep(10, { signal });
    abort();
    await expect(slept).rejects.toThrow('enough');
    await expect(clock.sleep(10, { signal })).rejects.toThrow('enough');
  });
});

test('an instant clock leaps over what is waited for, in the order in which it ends', async () => {
  const clock = new VirtualClock('instant', start);
  const seen: string[] = [];
  const health = async () => {
    for (;;) {
      await clock.sleep(60_000, { background: true });
      seen.push('health');
    }
  };
  void health();
  const slow = clock.sleep(150_000).then(() => seen.push('database'));
  const quick = clock.sleep(1000).then(() => seen.push('queue'));
  await Promise.all([slow, quick]);
  expect(seen).toEqual(['queue', 'health', 'health', 'database']);
  expect(clock.now() - start).toBeGreaterThanOrEqual(150_000);
  // What nobody waits for does not make time run away.
  expect(clock.now() - start).toBeLessThan(180_000);
  clock.dispose();
});

test('a quick clock is so many times as fast', async () => {
  const clock = new VirtualClock({ factor: 1000 }, start);
  const before = performance.now();
  await clock.sleep(20_000);
  expect(performance.now() - before).toBeGreaterThan(15);
  expect(clock.now() - start).toBeGreaterThanOrEqual(20_000);
  clock.dispose();
});
