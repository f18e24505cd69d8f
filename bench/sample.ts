/** Milliseconds of several runs of one thing. */
export interface Sample {
  median: number;
  min: number;
  max: number;
  runs: number;
}

export function sampleOf(milliseconds: readonly number[]): Sample {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, runs: sorted.length };
}

/** Runs each thing in turn, round after round, so that whatever else the machine does meets all of them alike. */
export async function alternate<Name extends string>(
  rounds: number,
  things: Record<Name, () => Promise<number>>,
): Promise<Record<Name, Sample>> {
  const entries = Object.entries<() => Promise<number>>(things);
  const measured: Record<string, number[]> = Object.fromEntries(entries.map(([name]) => [name, []]));
  // The first round is not counted: it fills the caches of the disk and of the compiled code.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of entries) {
      const milliseconds = await measure();
      if (round > 0) measured[name]!.push(milliseconds);
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, sampleOf(measured[name]!)])) as Record<Name, Sample>;
}
