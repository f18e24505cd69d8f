export { Counter, CounterGroup, type MetricConfig } from './counter.ts';
export { Gauge, GaugeGroup } from './gauge.ts';
