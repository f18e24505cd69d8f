import { repositoryError } from '../errors.ts';
import { networkFault } from './fault.ts';
import { Transient } from './retry.ts';

/** What to throw for an error on the way to `host`. The end by a signal, and what is not of the network, stay what they are. */
export function networkError(error: unknown, host: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const fault = networkFault(error);
  if (!fault) return error;
  const final = repositoryError('FL2206', `${host} ${fault.reason}`, fault.help);
  return fault.passing ? new Transient(final) : final;
}
