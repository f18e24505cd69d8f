import type { AwsTargetOptions } from './cdk/mod.ts';
import type { LocalTargetOptions } from './local/mod.ts';
import type { Target } from './pipeline/mod.ts';
import { UserError } from './pipeline/user-error.ts';

/** What each target is made from. */
export interface TargetOptions {
  local: LocalTargetOptions;
  aws: AwsTargetOptions;
}

export type TargetName = keyof TargetOptions;

/**
 * The one place that knows all targets; loads the one that is asked for and nothing of the others.
 * @throws UserError FL4018 when there is none of that name
 */
export async function loadTarget<Name extends TargetName>(name: Name, options: TargetOptions[Name]): Promise<Target> {
  switch (name as string) {
    case 'local': {
      const { createLocalTarget } = await import('./local/mod.ts');
      return createLocalTarget(options as LocalTargetOptions);
    }
    case 'aws': {
      const { createAwsTarget } = await import('./cdk/target.ts');
      return createAwsTarget(options as AwsTargetOptions);
    }
    default:
      throw new UserError({
        code: 'FL4018',
        severity: 'error',
        message: `there is no target named ${name}`,
        help: 'Use the target local, which puts environments on this machine, or aws.',
      });
  }
}
