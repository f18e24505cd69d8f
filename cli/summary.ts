import { duration } from '../pipeline/duration.ts';
import { type Change, type Outcome, type Plan, shortDigest } from '../pipeline/mod.ts';
import { paint } from './paint.ts';

/** What a deployment has come to, whichever use case did it. */
export interface Deployment {
  kind: string;
  plan: Plan;
  outcome: Outcome;
  milliseconds?: { build: number; apply: number };
  provenBy?: string;
}

/** Migrations of a database that are named one by one. */
const mostNamed = 5;

/** A deployment as a JSON document and as lines for people. */
export function summarize({ kind, plan, outcome, milliseconds, provenBy }: Deployment): {
  document: object;
  text: string;
} {
  const { environment, changes } = plan;
  const { url, release, started, kept, migrations } = outcome;
  const rows: [string, string][] = [
    ['url', paint('cyan', url)],
    ['release', `${shortDigest(release)}${provenBy === undefined ? '' : `, the very build that ${provenBy} has run`}`],
    ['started', started.join(', ')],
    ['kept', kept.join(', ')],
    ...migrationRows(migrations),
    ['took', milliseconds ? `${duration(milliseconds.build)} to build, ${duration(milliseconds.apply)} to apply` : ''],
  ];
  const state = kind === 'unchanged' ? 'is running already; nothing changed' : 'is running';
  return {
    document: {
      kind,
      environment,
      ...outcome,
      changes,
      ...(provenBy === undefined ? {} : { provenBy }),
      ...(milliseconds ? { milliseconds } : {}),
    },
    text: [`${paint('bold', environment.name)} of ${environment.application} ${state}`, ...aligned(rows)].join('\n'),
  };
}

/** A row per database, its migrations by the names of their files; of many the first and the last. */
function migrationRows(migrations: Outcome['migrations']): [string, string][] {
  return [...Map.groupBy(migrations, ({ database }) => database)].map(([database, ran], index) => {
    const names = ran.map(({ version, name }) => `${version}_${name}`);
    const some = names.length > mostNamed ? `${names.length}, from ${names[0]} to ${names.at(-1)}` : names.join(', ');
    return [index === 0 ? 'migrations' : '', `${database}: ${some}`];
  });
}

/** Rows with something to say, their names in one column. */
export function aligned(rows: [string, string][]): string[] {
  const shown = rows.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${paint('dim', name.padEnd(width))}  ${value}`);
}

const signs: Record<Change['action'], string> = { add: '+', change: '~', remove: '-' };

/** Changes in the words of the Graph, the dangerous ones with their danger. */
export function listChanges(changes: Change[]): string[] {
  return changes.map(({ action, sentence, position, danger }) => {
    const color = action === 'add' ? 'green' : action === 'remove' ? 'red' : 'yellow';
    const place = position ? paint('dim', ` (${position.file}:${position.line})`) : '';
    return `  ${paint(color, signs[action])} ${sentence}${place}${danger === undefined ? '' : paint('red', ` — ${danger}`)}`;
  });
}
