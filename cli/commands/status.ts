import { type EnvironmentStatus, status as look, shortDigest } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { paint } from '../paint.ts';
import { aligned } from '../summary.ts';
import { openApplication } from '../wiring.ts';

/** Entries of the history that people get to see; the JSON document has them all. */
const recent = 5;

/** The environments of the application. */
export async function status(context: Context): Promise<Result> {
  const { application, ports } = await openApplication(context);
  const environments = await look({ application }, ports);
  const where = environments.length === 0 ? await ports.target.where?.() : undefined;
  return {
    document: { application, environments, ...(where !== undefined && { where }) },
    text:
      environments.length > 0
        ? environments.map(describe).join('\n\n')
        : `${application} has no environments${where === undefined ? '' : ` in ${where}`}.`,
  };
}

function describe({ environment, state, url, release, source, held, processes, history }: EnvironmentStatus): string {
  const color = state === 'running' ? 'green' : 'yellow';
  const events = history
    .filter(({ status }) => status !== 'started')
    .slice(0, recent)
    .map((entry) =>
      [entry.at, entry.action, entry.status, entry.release && shortDigest(entry.release), entry.reason]
        .filter(Boolean)
        .join(' '),
    );
  return [
    `${paint('bold', environment.name)} ${paint(color, state)}`,
    ...aligned([
      ['url', url ?? ''],
      ['release', release ? shortDigest(release) : 'none'],
      ['commit', source?.commit ?? ''],
      ['held', held ? `since ${held.at}${held.reason ? `: ${held.reason}` : ''}` : ''],
      ['start', state === 'stopped' ? `fairlead start --env ${environment.name}` : ''],
      ['processes', processes.map(({ name, state }) => (state === 'running' ? name : `${name} (${state})`)).join(', ')],
      ...events.map((event, index): [string, string] => [index === 0 ? 'history' : ' ', event]),
    ]),
  ].join('\n');
}
