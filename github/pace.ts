/**
 * A gate that lets so many through at once and from then on one in each interval; what was not used comes back at the same pace.
 * @param interval milliseconds
 */
export function createPace(burst: number, interval: number): () => Promise<void> {
  /** When it would be the next one's turn if there were no burst, by a clock that nobody sets. */
  let turn = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = performance.now();
    const wait = turn - now - (burst - 1) * interval;
    turn = Math.max(turn, now) + interval;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  };
}
