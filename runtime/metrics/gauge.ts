import type { MetricConfig } from './counter.ts';
import { type Labels, seriesOf } from './series.ts';

/** A value that rises and falls. */
export class Gauge {
  readonly name: string;
  readonly config: MetricConfig;

  constructor(name: string, config: MetricConfig = {}) {
    this.name = name;
    this.config = config;
  }

  /** Takes the place of the value before. Does nothing where no service can be told. */
  set(value: number): void {
    assign(this.name, {}, value);
  }

  /** A reference that can be handed around. */
  ref(): Gauge {
    return this;
  }
}

/** Gauges of one name, told apart by labels. */
export class GaugeGroup<L extends { [K in keyof L]: string | number | boolean }> {
  readonly name: string;
  readonly config: MetricConfig;

  constructor(name: string, config: MetricConfig = {}) {
    this.name = name;
    this.config = config;
  }

  /** The gauge of these labels. Text, whole numbers (fractions are cut off) and booleans; each set of them is a series of its own. */
  with(labels: L): Gauge {
    return new LabelledGauge(this.name, this.config, labels);
  }
}

class LabelledGauge extends Gauge {
  readonly #labels: Labels;

  constructor(name: string, config: MetricConfig, labels: Labels) {
    super(name, config);
    this.#labels = labels;
  }

  override set(value: number): void {
    assign(this.name, this.#labels, value);
  }
}

function assign(name: string, labels: Labels, value: number): void {
  const series = seriesOf('gauge', name, labels);
  if (series) series.value = value;
}
