/** One figure of several runs of one thing: milliseconds, unless it is said to be another. */
export interface Sample {
  median: number;
  min: number;
  max: number;
  runs: number;
}

export function sampleOf(figures: readonly number[]): Sample {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, runs: sorted.length };
}

/** Runs each thing in turn, round after round, so that whatever else the machine does meets all of them alike. */
export async function alternate<Name extends string, Figure>(
  rounds: number,
  things: Record<Name, () => Promise<Figure>>,
): Promise<Record<Name, Figure[]>> {
  const entries = Object.entries<() => Promise<Figure>>(things);
  const measured: Record<string, Figure[]> = Object.fromEntries(entries.map(([name]) => [name, []]));
  // The first round is not counted: it fills the caches of the disk and of the compiled code.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of entries) {
      const figure = await measure();
      if (round > 0) measured[name]!.push(figure);
    }
  }
  return measured as Record<Name, Figure[]>;
}
