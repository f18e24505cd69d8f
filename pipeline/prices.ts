import type { Environment } from './environment.ts';
import type { Plan } from './plan.ts';
import type { Ports, Reporter } from './ports.ts';
import type { Cost, Saving } from './tell/content.ts';

type PricePorts = Pick<Ports, 'target' | 'report'>;

/** What a plan would cost in a month; undefined where nobody knows prices. */
export async function costOf(plan: Plan, { target, report }: PricePorts): Promise<Cost | undefined> {
  const { cloud } = target;
  if (!cloud) return undefined;
  return unlessUnknown(plan.environment, report, async () => {
    const { before, after } = (await cloud.foresee(plan, quiet)).cost;
    const { monthly, source } = after;
    return { currency: 'USD', ...(before.monthly > 0 && { before: before.monthly }), after: monthly, source };
  });
}

/** What is saved in a month when an environment goes; undefined where nobody knows prices. */
export async function savingOf(environment: Environment, { target, report }: PricePorts): Promise<Saving | undefined> {
  const { cloud } = target;
  if (!cloud) return undefined;
  return unlessUnknown(environment, report, async () => {
    const { monthly, own = monthly, source } = await cloud.cost(environment);
    return { currency: 'USD', amount: own, source };
  });
}

/** It is no part of the work that people follow. */
const quiet: Reporter = { step: (_title, work) => work(), info: () => {}, warn: () => {} };

/** Prices are for people to know: nothing fails for want of them. */
async function unlessUnknown<T>(
  { name }: Environment,
  report: Reporter,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    report.info(`What ${name} costs is not known: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}
