import type { Diagnostic, Graph, MigrationFile } from '../analyzer/mod.ts';
import type { Release } from './release.ts';

/** A migration of a database. */
export interface DatabaseMigration {
  database: string;
  file: MigrationFile;
}

/** The migrations of `next` that databases on the schema of `applied` have not seen, in the order they run. */
export function pendingMigrations(next: Graph, applied?: Graph): DatabaseMigration[] {
  return next.databases.flatMap(({ name }) => {
    const head = filesOf(applied, name).at(-1)?.version ?? 0;
    return filesOf(next, name)
      .filter(({ version }) => version > head)
      .map((file) => ({ database: name, file }));
  });
}

/**
 * Where `next` rewrites what `applied` has already done to a database: an applied migration that is changed or gone, or
 * a new one numbered below the newest applied, which would never run.
 */
export function rewrittenMigrations(next: Graph, applied: Graph): Diagnostic[] {
  return next.databases.flatMap(({ name, position }) => {
    const before = filesOf(applied, name);
    const after = new Map(filesOf(next, name).map((file) => [file.version, file]));
    const head = before.at(-1)?.version ?? 0;
    const changed = before.flatMap((old) => {
      const file = after.get(old.version);
      if (!file) return [rewritten(`${old.file} of database ${name} has been applied and is gone`, position)];
      if (file.hash === old.hash) return [];
      return [rewritten(`${file.file} of database ${name} has been applied and is changed`, startOf(file))];
    });
    const known = new Set(before.map(({ version }) => version));
    const late = [...after.values()]
      .filter(({ version }) => version < head && !known.has(version))
      .map((file) =>
        rewritten(
          `${file.file} of database ${name} is older than version ${head}, which has been applied`,
          startOf(file),
        ),
      );
    return [...changed, ...late];
  });
}

/**
 * Why the code of `target` cannot run on databases that `applied` has migrated: one diagnostic per migration it cannot
 * live with, empty when it can.
 */
export function schemaObstacles(target: Release, applied: Release): Diagnostic[] {
  return Object.entries(applied.content.databases).flatMap(([name, { oldest }]) => {
    const head = target.content.databases[name]?.head;
    if (head === undefined || head >= oldest) return [];
    return filesOf(applied.content.graph, name)
      .filter((file) => file.version > head && !file.safety.compatible)
      .map((file) => obstacle(name, file));
  });
}

/** Why a migration is dangerous, in one line; undefined when it is not. */
export function dangerOf({ safety }: MigrationFile): string | undefined {
  if (safety.compatible) return undefined;
  return safety.reasons.map(({ reason }) => reason).join('; ') || 'code written for the former schema may not work';
}

export function startOf({ file }: MigrationFile) {
  return { file, line: 1, column: 1 };
}

function filesOf(graph: Graph | undefined, database: string): MigrationFile[] {
  return graph?.databases.find(({ name }) => name === database)?.migrations?.files ?? [];
}

function rewritten(message: string, position: Diagnostic['position']): Diagnostic {
  return {
    code: 'FL3008',
    severity: 'error',
    message,
    help: 'Put the applied file back as it was and write the change as a new migration with a higher number.',
    ...(position && { position }),
  };
}

function obstacle(database: string, file: MigrationFile): Diagnostic {
  const [first] = file.safety.compatible ? [] : file.safety.reasons;
  return {
    code: 'FL3012',
    severity: 'error',
    message: `${file.file} has changed database ${database} in a way the older code cannot live with: ${dangerOf(file)}`,
    help: 'Go back to a release that knows this migration, or go forward with a fix.',
    position: first?.position ?? startOf(file),
  };
}
