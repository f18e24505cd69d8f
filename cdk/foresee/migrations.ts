import type { Foresight, MigrationStatement, Plan } from '../../pipeline/mod.ts';

/** From harmless to dangerous. */
const order = ['additive', 'locking', 'destructive'] as const satisfies MigrationStatement['safety'][];

/** The migrations that would run, in their order, each with the most dangerous thing that it does. */
export function pendingOf({ release }: Plan, schema: Readonly<Record<string, number>>): Foresight['migrations'] {
  return release.content.graph.databases.flatMap(({ name, migrations }) =>
    (migrations?.files ?? [])
      .filter(({ version }) => version > (schema[name] ?? 0))
      .map(({ file, statements }) => {
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
