import { UserError } from '../pipeline/user-error.ts';
import type { Template } from './model.ts';

/** Of the 500 that CloudFormation takes, so that there is room for what a next deployment needs beside what is there. */
const mostResources = 450;

/** @throws UserError FL7004 when the template has more resources than one stack should */
export function requireRoom({ Resources }: Template, whose: string): void {
  const count = Object.keys(Resources).length;
  if (count <= mostResources) return;
  throw new UserError({
    code: 'FL7004',
    severity: 'error',
    message: `${whose} would take ${count} resources in one stack, and at most ${mostResources} leave room for updates`,
    help: 'Set `processes` of the environment to `all-in-one`, which takes a fraction of them, or split the application in two.',
  });
}
