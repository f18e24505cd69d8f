import { type Foresight, type MigrationStatement, type Plan, unmigrated } from '../../pipeline/mod.ts';

/** From harmless to dangerous. */
const order = ['additive', 'locking', 'destructive'] as const satisfies MigrationStatement['safety'][];

/**
 * The migrations that would run, in their order, each with the most dangerous thing that it does. On a database that is yet to be made
 * nothing is dangerous: there is no data, and no code that knows it.
 */
export function pendingOf(
  { release, changes }: Plan,
  schema: Readonly<Record<string, number>>,
): Foresight['migrations'] {
  const fresh = new Set(
    changes.flatMap(({ kind, action, subject }) => (kind === 'database' && action === 'add' ? [subject] : [])),
  );
  return release.content.graph.databases.flatMap(({ name, migrations }) =>
    (migrations?.files ?? [])
      .filter(({ version }) => version > (schema[name] ?? unmigrated))
      .map(({ file, statements }) => {
        if (fresh.has(name)) return { database: name, file, safety: 'additive' as const };
        const safety = order.findLast((one) => statements.some((statement) => statement.safety === one)) ?? 'additive';
        const reasons = statements.filter((statement) => statement.safety === safety).map(({ reason }) => reason);
        return {
          database: name,
          file,
          safety,
          ...(safety !== 'additive' && { reason: [...new Set(reasons)].join('; ') }),
        };
      }),
  );
}
