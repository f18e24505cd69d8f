import { awsError } from './errors.ts';

/** Time as AWS and we see it: a test gives one of its own. */
export interface Time {
  now(): Date;
  /** Waits so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

export interface Polling {
  /** What does not come to its end when it takes too long, such as `the change set of fairlead-shop-pr-1`. */
  what: string;
  /** Milliseconds that it may take. */
  within: number;
  /** Milliseconds between two questions, at first and at most. @default 500 and 5000 */
  from?: number;
  to?: number;
}

export const [minute, hour] = [60_000, 3_600_000];

/** As long as a job of GitHub may take: CloudFormation waits three hours for a service, and may take as long to go back. */
export const longest: number = 6 * hour;

/**
 * Asks until there is an answer, with a wait between that grows.
 * @throws UserError FL7113 when there is none in time
 */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  { now, wait }: Time,
  { what, within, from = 500, to = 5_000 }: Polling,
): Promise<T> {
  const deadline = now().getTime() + within;
  for (let pause = from; ; pause = Math.min(pause * 1.5, to)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (now().getTime() >= deadline)
      throw awsError(
        'FL7113',
        `${what} did not come to its end within ${Math.round(within / minute)} minutes`,
        'See in the console of AWS what it waits for, and run the same command again: it goes on where it stopped.',
      );
    await wait(pause);
  }
}
