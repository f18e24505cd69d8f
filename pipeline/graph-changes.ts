import type { Graph, MigrationFile, Position } from '../analyzer/mod.ts';
import { compareGraphs } from './compare/graphs.ts';
import { migrationsOf } from './migrations.ts';
import type { Change } from './plan.ts';

export interface GraphChange extends Change {
  /** Of a removal: where it was, in the sources before. */
  formerPosition?: Position;
}

/** What becomes different from one Graph to another, as if all migrations of the former had run. */
export function graphChanges(before: Graph, after: Graph): GraphChange[] {
  // What is gone is what comes when one goes back.
  const back = compareGraphs(before, after, migrationsOf(after));
  const former = new Map(back.map(({ kind, subject, position }) => [`${kind} ${subject}`, position]));
  const changes = compareGraphs(after, before, migrationsOf(before)).map((change) => {
    const formerPosition = change.action === 'remove' ? former.get(`${change.kind} ${change.subject}`) : undefined;
    return formerPosition ? { ...change, formerPosition } : change;
  });
  return [...changes, ...rewritten(before, after)];
}

/** Migrations that both have but in other words, and those that are gone though their database stays. */
function rewritten(before: Graph, after: Graph): GraphChange[] {
  const now = migrationsOf(after);
  return [...migrationsOf(before)].flatMap(([database, files]) => {
    const present = now.get(database);
    if (!present) return [];
    return files.flatMap((old): GraphChange[] => {
      const file = present.find(({ version }) => version === old.version);
      if (file?.hash === old.hash) return [];
      return [file ? changedMigration(database, file) : goneMigration(database, old)];
    });
  });
}

const danger = 'databases that have run it refuse the next deployment';

function changedMigration(database: string, { file, version, name }: MigrationFile): GraphChange {
  const position = { file, line: 1, column: 1 };
  const sentence = `migration ${version}_${name} of database ${database} is rewritten`;
  return { action: 'change', kind: 'migration', subject: `${database}/${version}_${name}`, sentence, position, danger };
}

function goneMigration(database: string, { file, version, name }: MigrationFile): GraphChange {
  const formerPosition = { file, line: 1, column: 1 };
  const sentence = `migration ${version}_${name} of database ${database} is gone`;
  return {
    action: 'remove',
    kind: 'migration',
    subject: `${database}/${version}_${name}`,
    sentence,
    formerPosition,
    danger,
  };
}
