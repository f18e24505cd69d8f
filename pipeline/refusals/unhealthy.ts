import { UserError } from '../../analyzer/diagnostic.ts';
import type { Environment } from '../environment.ts';
import { excerpt } from './excerpt.ts';
import { onceMended } from './once-mended.ts';

/** A process of a new release that ended or does not answer. */
export interface UnhealthyProcess {
  process: string;
  /** `it did not answer within 500 ms`. */
  reason: string;
  /** The last lines that it wrote. */
  output: readonly string[];
  /** Whether a former release answers instead. */
  former: boolean;
}

/** A UserError FL4008. */
export function unhealthy({ process, reason, output, former }: UnhealthyProcess, environment: Environment): UserError {
  const consequence = former ? 'the former release keeps answering' : 'nothing of it is left running';
  return new UserError({
    code: 'FL4008',
    severity: 'error',
    message: [
      `the process ${process} is not healthy: ${reason}; ${consequence}`,
      ...excerpt(output).map((line) => `  ${line}`),
    ].join('\n'),
    help: `Mend what its last lines say (all of them: fairlead logs --env ${environment.name}) and ${onceMended(environment)}.`,
  });
}
