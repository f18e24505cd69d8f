const day = 86_400_000;

/**
 * When an environment may be taken away: at the end of a day in UTC. What is written on the stack already stays when it is not more
 * than a day short, since another time would touch every resource.
 * @param keep milliseconds; absent: it stays
 */
export function expiresFor(keep: number | undefined, written: string | undefined, now: Date): string | undefined {
  if (keep === undefined) return undefined;
  const least = now.getTime() + keep;
  if (written !== undefined && Date.parse(written) >= least - day) return written;
  return new Date(Math.ceil(least / day) * day).toISOString();
}
