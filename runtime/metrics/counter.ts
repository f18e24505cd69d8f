import { type Labels, seriesOf } from './series.ts';

/** Nothing can be set for a metric yet. */
export type MetricConfig = Record<never, never>;

/** A value that only rises. */
export class Counter {
  readonly name: string;
  readonly config: MetricConfig;

  constructor(name: string, config: MetricConfig = {}) {
    this.name = name;
    this.config = config;
  }

  /** Adds `value`, 1 unless given. Does nothing where no service can be told, and for a value that is no number or less than 0. */
  increment(value: number = 1): void {
    add(this.name, {}, value);
  }

  /** A reference that can be handed around. */
  ref(): Counter {
    return this;
  }
}

/** Counters of one name, told apart by labels. */
export class CounterGroup<L extends { [K in keyof L]: string | number | boolean }> {
  readonly name: string;
  readonly config: MetricConfig;

  constructor(name: string, config: MetricConfig = {}) {
    this.name = name;
    this.config = config;
  }

  /** The counter of these labels. Text, whole numbers (fractions are cut off) and booleans; each set of them is a series of its own. */
  with(labels: L): Counter {
    return new LabelledCounter(this.name, this.config, labels);
  }
}

class LabelledCounter extends Counter {
  readonly #labels: Labels;

  constructor(name: string, config: MetricConfig, labels: Labels) {
    super(name, config);
    this.#labels = labels;
  }

  override increment(value: number = 1): void {
    add(this.name, this.#labels, value);
  }
}

function add(name: string, labels: Labels, value: number): void {
  const series = value >= 0 ? seriesOf('counter', name, labels) : undefined;
  if (series) series.value += value;
}
