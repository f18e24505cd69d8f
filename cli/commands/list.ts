import type { Deployed } from '../../pipeline/mod.ts';
import { shortDigest } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { paint } from '../paint.ts';
import { table } from '../table.ts';
import { openApplication } from '../wiring.ts';

/** Every environment there is in this place, of whatever application. */
export async function list(context: Context): Promise<Result> {
  const { ports } = await openApplication(context);
  const environments = await ports.target.list();
  const rows = environments.map(row);
  const where = rows.length === 0 ? await ports.target.where?.() : undefined;
  return {
    document: { target: ports.target.name, environments, ...(where !== undefined && { where }) },
    text:
      rows.length === 0
        ? `There are no environments${where === undefined ? '' : ` in ${where}`}.`
        : table([['application', 'environment', 'state', 'release', 'updated', 'url'], ...rows]),
  };
}

function row({ environment: { application, name }, state, release, updated, url = '' }: Deployed): string[] {
  const color = state === 'running' ? 'green' : 'yellow';
  return [application, name, paint(color, state), release ? shortDigest(release) : 'none', updated, url];
}
