import type { Diagnostic, Graph, MigrationFile } from '../analyzer/mod.ts';
import type { Environment } from './environment.ts';
import type { Release } from './release.ts';

/** The version of a database without migrations: the first one of some tools, such as Drizzle, is 0. */
export const unmigrated = -1;

/** Per database the migrations it has seen, in their order. */
export type Applied = ReadonlyMap<string, readonly MigrationFile[]>;

/** All migrations of a Graph. */
export function migrationsOf(graph: Graph): Applied {
  return new Map(graph.databases.map(({ name, migrations }) => [name, migrations?.files ?? []]));
}

/** The migrations of `next` that the databases have not seen, in the order they run. */
export function pendingMigrations(next: Graph, applied: Applied): { database: string; file: MigrationFile }[] {
  return [...migrationsOf(next)].flatMap(([database, files]) => {
    const head = headOf(applied.get(database));
    return files.filter(({ version }) => version > head).map((file) => ({ database, file }));
  });
}

/**
 * Where `next` rewrites what the databases have seen: an applied migration that is changed or gone, or a new one
 * numbered below the newest applied, which would never run. While developing that may well be meant: then the data has to go.
 */
export function rewrittenMigrations(next: Graph, applied: Applied, type: Environment['type']): Diagnostic[] {
  return next.databases.flatMap(({ name, position, migrations }) => {
    const anew =
      type === 'local'
        ? ` Or begin anew, without the data: run \`fairlead db reset ${name}\`, and save a source for \`fairlead run\` to try again.`
        : '';
    const before = applied.get(name) ?? [];
    const after = new Map(migrations?.files.map((file) => [file.version, file]));
    const head = headOf(before);
    const changed = before.flatMap((old) => {
      const file = after.get(old.version);
      if (!file)
        return [rewritten(`${old.file} of database ${name} has been applied and is gone`, helps.gone + anew, position)];
      if (file.hash === old.hash) return [];
      return [
        rewritten(
          `${file.file} of database ${name} has been applied and is changed`,
          helps.changed + anew,
          startOf(file),
        ),
      ];
    });
    const known = new Set(before.map(({ version }) => version));
    const late = [...after.values()]
      .filter(({ version }) => version < head && !known.has(version))
      .map((file) =>
        rewritten(
          `${file.file} of database ${name} is older than version ${head}, which has been applied`,
          helps.late + anew,
          startOf(file),
        ),
      );
    return [...changed, ...late];
  });
}

/**
 * Why the code of an older release cannot run on the databases as they are: one diagnostic per migration it cannot live
 * with, empty when it can. It can when its head is at least the oldest that `SchemaVersion` of the applied ones allows.
 */
export function schemaObstacles({ content }: Release, applied: Applied): Diagnostic[] {
  return Object.entries(content.databases).flatMap(([name, { head }]) =>
    (applied.get(name) ?? []).filter((file) => file.version > head && breaks(file)).map((file) => obstacle(name, file)),
  );
}

/** Why a migration is dangerous, in one line; undefined when it is not. */
export function dangerOf({ statements }: MigrationFile): string | undefined {
  const reasons = statements.filter(({ safety }) => safety === 'destructive').map(({ reason }) => reason);
  return reasons.length > 0 ? reasons.join('; ') : undefined;
}

/** Whether code written for the schema before a migration may fail after it. */
export function breaks({ statements }: MigrationFile): boolean {
  return statements.some(({ safety }) => safety === 'destructive');
}

export function startOf({ file }: MigrationFile) {
  return { file, line: 1, column: 1 };
}

function headOf(files: readonly MigrationFile[] = []): number {
  return files.at(-1)?.version ?? unmigrated;
}

const helps = {
  gone: 'Put the file back. What it did is undone by a new migration with a higher number.',
  changed: 'Put the file back as it was and write the change as a new migration with a higher number.',
  late: 'Give it a higher number than any that has been applied: it would never run.',
};

function rewritten(message: string, help: string, position: Diagnostic['position']): Diagnostic {
  return {
    code: 'FL3008',
    severity: 'error',
    message,
    help,
    ...(position && { position }),
  };
}

function obstacle(database: string, file: MigrationFile): Diagnostic {
  const first = file.statements.find(({ safety }) => safety === 'destructive');
  return {
    code: 'FL3012',
    severity: 'error',
    message: `${file.file} has changed database ${database} in a way the older code cannot live with: ${dangerOf(file)}`,
    help: 'Go back to a release that knows this migration, or go forward with a fix.',
    position: first?.position ?? startOf(file),
  };
}
