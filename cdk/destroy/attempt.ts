import type { Destroyed } from '../../pipeline/mod.ts';
import { isSignedOut, saying } from '../errors.ts';

/** What cannot be removed is told, and does not keep the rest. Without credentials nothing goes on. */
export async function attempt(outcome: Destroyed, what: string, work: () => Promise<string[]>): Promise<void> {
  try {
    outcome.removed.push(...(await work()));
  } catch (error) {
    if (isSignedOut(error)) throw error;
    outcome.left.push({ what, why: saying(error) });
  }
}
