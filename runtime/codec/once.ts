type Outcome = { result: unknown } | { error: unknown };

/** What has been found out about values, by the work that was done with them. */
type Outcomes = Map<unknown, Map<object, Outcome>>;

/** Of the outermost call that is under way. */
let known: Outcomes | undefined;

/**
 * Does the work of an object or list once within an outermost call, however often it is asked for: members of a union that refer to
 * the union again would each go through all that is below, twice as often with each level.
 */
export function oncePerValue<Rest extends unknown[], Result>(
  work: (value: unknown, ...rest: Rest) => Result,
): (value: unknown, ...rest: Rest) => Result {
  return (value, ...rest) => {
    if (typeof value !== 'object' || value === null) return work(value, ...rest);
    const outermost = known === undefined;
    known ??= new Map();
    try {
      return recall(known, work, value, () => work(value, ...rest)) as Result;
    } finally {
      if (outermost) known = undefined;
    }
  };
}

function recall(outcomes: Outcomes, work: unknown, value: object, perform: () => unknown): unknown {
  const ofWork = outcomes.get(work) ?? new Map<object, Outcome>();
  outcomes.set(work, ofWork);
  const outcome = ofWork.get(value) ?? attempt(perform);
  ofWork.set(value, outcome);
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
}

function attempt(perform: () => unknown): Outcome {
  try {
    return { result: perform() };
  } catch (error) {
    return { error };
  }
}
