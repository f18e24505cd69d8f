import type { Graph } from '../../analyzer/mod.ts';
import { type Applied, dangerOf, pendingMigrations, startOf } from '../migrations.ts';
import type { Change } from '../plan.ts';

export function migrationChanges(after: Graph, applied: Applied): Change[] {
  return pendingMigrations(after, applied).map(({ database, file }) => {
    // On a database that is new, there is no older code.
    const danger = applied.has(database) ? dangerOf(file) : undefined;
    return {
      action: 'add',
      kind: 'migration',
      subject: `${database}/${file.version}_${file.name}`,
      sentence: `migration ${file.version}_${file.name} runs on database ${database}`,
      position: startOf(file),
      ...(danger === undefined ? {} : { danger }),
    };
  });
}
