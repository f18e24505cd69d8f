import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pythonWith } from './python.ts';

/** The Python that has AWS's own command, installed once for this user. Undefined when there is no Python or the package cannot be had. */
export const awsCli: string | undefined = pythonWith('awscli', '1.45.11');

/** What `aws …` prints, as JSON. @throws Error with what it wrote to standard error */
export async function aws(env: Record<string, string>, ...args: string[]): Promise<unknown> {
  const { PATH = '', HOME = '' } = process.env;
  const options = { env: { PATH, HOME, AWS_PAGER: '', ...env }, maxBuffer: 2 ** 24 };
  const { stdout } = await promisify(execFile)(awsCli!, ['-m', 'awscli', '--output', 'json', ...args], options);
  return stdout === '' ? undefined : JSON.parse(stdout);
}
