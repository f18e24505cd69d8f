import type { Statement } from '../parser.ts';
import { type Content, contentsOf, hasOption } from '../tree.ts';

/** What PostgreSQL refuses to run in a transaction, as one writes it; undefined for everything else. */
export function refusesTransaction({ kind, content }: Statement): string | undefined {
  const only = alone[kind];
  return only?.(content);
}

const when = (condition: unknown, words: string) => (condition ? words : undefined);

const alone: Record<string, (content: Content) => string | undefined> = {
  AlterDatabaseStmt: ({ options }) => when(hasOption(options, 'tablespace'), 'ALTER DATABASE SET TABLESPACE'),
  AlterSystemStmt: () => 'ALTER SYSTEM',
  AlterTableStmt: ({ cmds }) =>
    when(
      contentsOf(cmds).some(({ def }) => (def as Record<string, Content> | undefined)?.PartitionCmd?.concurrent),
      'DETACH PARTITION CONCURRENTLY',
    ),
  ClusterStmt: ({ relation }) => when(!relation, 'CLUSTER without a table'),
  CreateTableSpaceStmt: () => 'CREATE TABLESPACE',
  CreatedbStmt: () => 'CREATE DATABASE',
  DropStmt: ({ concurrent }) => when(concurrent, 'DROP INDEX CONCURRENTLY'),
  DropTableSpaceStmt: () => 'DROP TABLESPACE',
  DropdbStmt: () => 'DROP DATABASE',
  IndexStmt: ({ concurrent }) => when(concurrent, 'CREATE INDEX CONCURRENTLY'),
  ReindexStmt: ({ kind, params }) =>
    when(hasOption(params, 'concurrently'), 'REINDEX CONCURRENTLY') ??
    when(/SCHEMA|SYSTEM|DATABASE/.test(String(kind)), 'REINDEX of more than one table'),
  VacuumStmt: ({ is_vacuumcmd }) => when(is_vacuumcmd, 'VACUUM'),
};
