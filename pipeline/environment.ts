import { UserError } from '../analyzer/diagnostic.ts';

export type EnvironmentType = 'local' | 'preview' | 'development' | 'production';

/** A named place an application runs. `application` and `name` together identify it. */
export interface Environment {
  application: string;
  /** `local`, `pr-72`, `staging`, `production`. */
  name: string;
  type: EnvironmentType;
  /** The pull request a preview belongs to. */
  pullRequest?: number;
}

/** At most 40 characters, so that physical names derived from it stay within what databases and clouds allow. */
const grammar = /^(?=.{1,40}$)[a-z](?:-?[a-z0-9])*$/;

/**
 * The environment a name stands for: `local` and `production` are themselves, `pr-<n>` is the preview of that pull
 * request, any other legal name is of type development.
 * @throws UserError FL3001 when the name is not legal.
 */
export function parseEnvironment(application: string, name: string): Environment {
  if (name === 'local' || name === 'production') return { application, name, type: name };
  const pullRequest = /^pr-([1-9]\d{0,8})$/.exec(name)?.[1];
  if (pullRequest) return previewEnvironment(application, Number(pullRequest));
  const wrong = whatIsWrong(name);
  if (wrong) throw new UserError({ code: 'FL3001', severity: 'error', ...wrong });
  return { application, name, type: 'development' };
}

/** The preview of a pull request. */
export function previewEnvironment(application: string, pullRequest: number): Environment {
  return { application, name: `pr-${pullRequest}`, type: 'preview', pullRequest };
}

/**
 * Previews follow their pull requests and `local` its sources; only other environments are promoted and rolled back.
 * @throws UserError FL3013.
 */
export function requireLasting({ name, type }: Environment, command: string): void {
  if (type === 'production' || type === 'development') return;
  throw new UserError({
    code: 'FL3013',
    severity: 'error',
    message: `${name} is of type ${type}, which ${command} does not change`,
    help: 'Name an environment that lives on, such as `production` or `staging`.',
  });
}

function whatIsWrong(name: string): { message: string; help: string } | undefined {
  if (name === 'preview') {
    return {
      message: '`preview` is a type of environments, not the name of one',
      help: 'Name the preview of one pull request, such as `pr-72`.',
    };
  }
  if (name === 'build') {
    return {
      message: '`build` marks what is built for no environment, and is not the name of one',
      help: 'Use another name, such as `staging`.',
    };
  }
  if (/^pr-\d+$/.test(name)) {
    return {
      message: `${JSON.stringify(name)} is not the number of a pull request`,
      help: 'Write a whole number from 1 to 999999999 without leading zeros, such as `pr-72`.',
    };
  }
  if (!grammar.test(name)) {
    return {
      message: `${JSON.stringify(name)} cannot name an environment`,
      help: 'Use at most 40 lower-case letters, digits and single dashes, beginning with a letter, such as `staging`.',
    };
  }
  return undefined;
}
