import { UserError } from '../../../analyzer/diagnostic.ts';
import type { Cloud, Environment } from '../../../pipeline/mod.ts';
import type { Context } from '../../context.ts';
import { existingEnvironment, type Opened, openApplication } from '../../wiring.ts';

export interface OpenedCloud {
  opened: Opened;
  environment: Environment;
  cloud: Cloud;
}

/**
 * An environment that is in a cloud, with what can be done to it there.
 * @throws UserError FL5021 when environments are on this machine, FL5008 when there is none of that name
 */
export async function openCloud(context: Context, env: string): Promise<OpenedCloud> {
  const opened = await openApplication(context);
  const cloud = cloudOf(opened);
  return { opened, cloud, environment: await existingEnvironment(opened, env) };
}

/** @throws UserError FL5021 when environments are on this machine */
export function cloudOf({ ports: { target } }: Opened): Cloud {
  if (target.cloud) return target.cloud;
  throw new UserError({
    code: 'FL5021',
    severity: 'error',
    message: 'the environments are on this machine, where nobody but Fairlead changes or bills them',
    help: 'Say which cloud is meant, with --cloud aws or "target": "aws" in fairlead.json.',
  });
}
