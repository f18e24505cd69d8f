import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setApplication } from '../../runtime/internal/application.ts';
import { Counter, CounterGroup, Gauge, GaugeGroup } from '../../runtime/metrics/mod.ts';
import { collectMetrics, metricSeries } from '../../runtime/metrics/series.ts';
import { runInRequest } from '../../runtime/request.ts';

const trace = { traceId: '1', spanId: '2' };
const message = { type: 'pubsub-message' as const, topic: 't', subscription: 's', messageId: '1', deliveryAttempt: 1 };
const within = (service: string, work: () => void) => runInRequest({ meta: { ...message, service, trace } }, work);
const host = (...hosted: string[]) => setApplication({ hosted } as unknown as Parameters<typeof setApplication>[0]);
const of = (name: string) => [...metricSeries()].filter((series) => series.name === name);

beforeEach(() => collectMetrics(true));
afterEach(() => {
  setApplication(undefined);
  collectMetrics(false);
});

test('a counter adds up, per service', () => {
  const counter = new Counter('orders');
  within('shop', () => counter.increment());
  within('shop', () => counter.ref().increment(2.5));
  within('mail', () => counter.increment(4));
  expect(of('orders')).toEqual([
    { name: 'orders', type: 'counter', labels: { service: 'shop' }, value: 3.5 },
    { name: 'orders', type: 'counter', labels: { service: 'mail' }, value: 4 },
  ]);
});

test('a gauge keeps the last value', () => {
  const gauge = new Gauge('load');
  for (const value of [3, 0.5]) within('shop', () => gauge.ref().set(value));
  expect(of('load')).toEqual([{ name: 'load', type: 'gauge', labels: { service: 'shop' }, value: 0.5 }]);
});

test('labels tell series apart, whatever their order, and numbers count whole', () => {
  const group = new CounterGroup<{ tier: number; paid: boolean }>('by_tier');
  within('shop', () => {
    group.with({ tier: 1.9, paid: true }).increment();
    group.with({ paid: true, tier: 1 }).increment();
    group.with({ paid: false, tier: -0.5 }).increment();
  });
  expect(of('by_tier').map(({ labels, value }) => [labels, value])).toEqual([
    [{ paid: 'true', service: 'shop', tier: '1' }, 2],
    [{ paid: 'false', service: 'shop', tier: '-1' }, 1],
  ]);
});

test('outside of a request the service is that of the process, if there is one', () => {
  const gauge = new GaugeGroup<{ queue: string }>('depth').with({ queue: 'mail' });
  gauge.set(1);
  host('shop', 'mail');
  gauge.set(2);
  expect(of('depth')).toEqual([]);
  host('mail');
  gauge.set(3);
  expect(of('depth').map(({ labels, value }) => [labels, value])).toEqual([[{ queue: 'mail', service: 'mail' }, 3]]);
});

test('a counter never falls', () => {
  const counter = new Counter('rising');
  within('shop', () => {
    counter.increment(1);
    counter.increment(-1);
    counter.increment(Number.NaN);
  });
  expect(of('rising').map(({ value }) => value)).toEqual([1]);
});

test('while nobody takes metrics nothing is counted', () => {
  const counter = new Counter('unread');
  collectMetrics(false);
  within('shop', () => counter.increment());
  expect([...metricSeries()]).toEqual([]);
  collectMetrics(true);
  within('shop', () => counter.increment());
  expect(of('unread').map(({ value }) => value)).toEqual([1]);
});
