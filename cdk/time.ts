/** Time as AWS and we see it: a test gives one of its own. */
export interface Time {
  now(): Date;
  /** Waits so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

/** Asks until there is an answer, with a wait between that grows from `from` to `to` milliseconds. */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  { wait }: Pick<Time, 'wait'>,
  { from = 500, to = 5_000 }: { from?: number; to?: number } = {},
): Promise<T> {
  for (let pause = from; ; pause = Math.min(pause * 1.5, to)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await wait(pause);
  }
}
