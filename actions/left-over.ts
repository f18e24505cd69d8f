import type { Destroyed, Diagnostic, Environment } from '../pipeline/mod.ts';

/** FL6032 for each environment of which something could not be removed. */
export function leftOvers(
  destroyed: readonly (Pick<Destroyed, 'left'> & { environment: Environment })[],
): Diagnostic[] {
  return destroyed.filter(({ left }) => left.length > 0).map(leftOver);
}

function leftOver({
  environment: { application, name },
  left,
}: {
  environment: Environment;
  left: Destroyed['left'];
}): Diagnostic {
  return {
    code: 'FL6032',
    severity: 'error',
    message: `${name} of ${application} could not be removed completely: ${left.map(({ what, why }) => `${what} (${why})`).join(', ')}`,
    help: 'Remove the cause and run the job again; it goes on where this one stopped.',
  };
}
