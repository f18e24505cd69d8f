import { type DeliveryFigures, measureDelivery } from './delivery.ts';
import { measurePlans, type PlanFigures } from './planning.ts';
import { measureSynthesis, type SynthesisFigures } from './synthesis.ts';

export interface AwsFigures {
  plans: PlanFigures[];
  synthesis: SynthesisFigures;
  /** On a virtual clock: these are no measured times. */
  simulated: DeliveryFigures;
}

export async function measureAws(rounds: number): Promise<AwsFigures> {
  return {
    plans: await measurePlans(rounds),
    synthesis: await measureSynthesis(rounds),
    simulated: await measureDelivery(),
  };
}
