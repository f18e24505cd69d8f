import { UserError } from '../../pipeline/user-error.ts';
import type { Meaning } from '../model.ts';
import { firstCause, plainReason } from '../stacks/first-cause.ts';
import { StackFailed } from '../stacks/update.ts';

/** A change of a stack that failed, by what it began with and in the words of the Graph; anything else stays as it is. */
export function explainStack(error: unknown, meanings: Record<string, Meaning>): unknown {
  if (!(error instanceof StackFailed)) return error;
  const cause = firstCause(error.events);
  const { subject, position } = meanings[cause?.logicalId ?? ''] ?? {};
  const what = subject ?? (cause ? `${cause.type} ${cause.logicalId}` : `stack ${error.stackName}`);
  const why = plainReason(cause?.reason ?? `it is ${error.status}, and CloudFormation does not say why`);
  return new UserError(
    {
      code: 'FL7112',
      severity: 'error',
      message: `AWS could not bring about ${what}: ${why}`,
      help: helpFor(why, error.status),
      ...(position && { position }),
    },
    { cause: error },
  );
}

function helpFor(why: string, status: string): string {
  if (/not authorized to perform|AccessDenied|is not authorized/i.test(why))
    return 'Run `fairlead bootstrap aws` again, which gives the role of the deployer what the application needs by now.';
  if (/limit|quota|exceeded/i.test(why)) return 'Ask for more in Service Quotas, or remove what is not needed.';
  if (/already exists/i.test(why))
    return 'Something of that name is there that no stack knows of. Remove it, or run `fairlead destroy` for the environment, which does.';
  return /ROLLBACK_COMPLETE$/.test(status)
    ? 'What was there before is there again. Mend what the message names and deploy again.'
    : 'Run `fairlead repair` for the environment, mend what the message names, and deploy again.';
}
