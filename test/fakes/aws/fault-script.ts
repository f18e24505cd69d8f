import { AwsError, type Clock, type FaultEvent, type FaultRule, type Faults } from './model.ts';

/** What goes wrong on purpose, rule by rule. */
export class FaultScript implements Faults {
  readonly #clock: Clock;
  #rules: { rule: FaultRule; left: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? 1 };
    this.#rules.push(entry);
    return () => {
      this.#rules = this.#rules.filter((one) => one !== entry);
    };
  }

  async check(event: FaultEvent): Promise<void> {
    const entry = this.#rules.find(({ rule, left }) => left > 0 && rule.when(event));
    if (!entry) return;
    entry.left -= 1;
    const { effect } = entry.rule;
    if (effect.kind === 'error') throw new AwsError(effect.code, effect.message, effect.status);
    if (effect.kind === 'delay') await this.#clock.sleep(effect.milliseconds);
    else await effect.work();
  }
}
