import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { UserError } from '../../pipeline/mod.ts';

const script = 'node_modules/npm/bin/npm-cli.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * npm as a script for Node.js: the one that came with the Node.js that runs this, else the one on the PATH.
 * @throws UserError FL6036 when there is none
 */
export function findNpm(env: Variables, node: string = process.execPath): string {
  const beside = [join(dirname(node), '../lib', script), join(dirname(node), script)];
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((directory) => {
    const link = join(directory, 'npm');
    if (directory === '' || !existsSync(link)) return [];
    return [realpathSync(link), join(directory, '../lib', script), join(directory, script)];
  });
  const found = [...beside, ...onPath].find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  if (found !== undefined) return found;
  throw new UserError({
    code: 'FL6036',
    severity: 'error',
    message: 'npm is neither beside the Node.js of the runner nor on the PATH',
    help: 'Add a step with `actions/setup-node` before this one, or install Node.js on the runner.',
  });
}
