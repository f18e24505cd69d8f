import { code, cut, details, fitting, prose, table } from '../markdown.ts';
import type { Change } from '../plan.ts';
import type { ReleaseContent, ReleasedMigration } from '../release.ts';
import type { Links } from './content.ts';
import { inBrackets, longestName, longestSentence, sourceLink } from './words.ts';

const nouns: Record<Change['action'], string> = { add: 'added', change: 'changed', remove: 'removed' };

/** Bullets that are shown before the rest is folded, and those that are shown at all. */
const room = { open: 12, count: 100, characters: 12_000 };

/** What becomes different, permissions and migrations apart; '' when there is nothing. */
export function resources(all: readonly Change[], links: Links | undefined): string {
  const changes = all.filter(({ kind }) => kind !== 'permission' && kind !== 'migration');
  if (changes.length === 0) return '';
  const heading = `**Resources** · ${tally(changes, nouns)}`;
  return [heading, bullets(changes, links)].join('\n\n');
}

const permissionNouns: Record<Change['action'], string> = { add: 'gained', change: 'changed', remove: 'lost' };

/** What services may do that they could not before, and the other way round; '' when there is nothing. */
export function permissionChanges(all: readonly Change[], links: Links | undefined): string {
  const changes = all.filter(({ kind }) => kind === 'permission');
  if (changes.length === 0) return '';
  return [`**Permissions** · ${tally(changes, permissionNouns)}`, bullets(changes, links)].join('\n\n');
}

/** `2 added, 1 removed`. */
function tally(changes: readonly Change[], words: Record<Change['action'], string>): string {
  const groups = Map.groupBy(changes, ({ action }) => action);
  return (['add', 'change', 'remove'] as const)
    .flatMap((action) => (groups.has(action) ? [`${groups.get(action)?.length} ${words[action]}`] : []))
    .join(', ');
}

/** What infrastructure consists of comes before its details. */
const minor: ReadonlySet<Change['kind']> = new Set(['endpoint', 'middleware', 'keyspace', 'metric', 'setting']);

/** What is added first, then what is changed, then what goes; what is much is folded. */
function bullets(changes: readonly Change[], links: Links | undefined): string {
  const order: Change['action'][] = ['add', 'change', 'remove'];
  const sorted = [false, true].flatMap((isMinor) =>
    order.flatMap((action) => changes.filter((one) => one.action === action && minor.has(one.kind) === isMinor)),
  );
  const { shown, more } = fitting(sorted.map(changeLine(links)), room);
  const lines = [...shown, ...(more > 0 ? [`- … and ${more} more`] : [])];
  if (lines.length <= room.open) return lines.join('\n');
  const open = lines.slice(0, room.open - 2);
  const folded = details(`and ${changes.length - open.length} more`, lines.slice(open.length).join('\n'));
  return `${open.join('\n')}\n\n${folded}`;
}

function changeLine(links: Links | undefined): (change: Change) => string {
  return ({ sentence, position, danger }) => {
    const warning = danger === undefined ? '' : ' ⚠️';
    return `- ${prose(cut(sentence, longestSentence))}${inBrackets(position, links)}${warning}`;
  };
}

/** What is lost, or cannot be undone by a rollback; '' when nothing is. */
export function dangers(changes: readonly Change[], links: Links | undefined): string {
  const lines = changes.flatMap(({ sentence, danger, position }) => {
    if (danger === undefined) return [];
    return [
      `> - ${prose(cut(sentence, longestSentence))}${inBrackets(position, links)}: ${prose(cut(danger, longestSentence))}`,
    ];
  });
  if (lines.length === 0) return '';
  const { shown, more } = fitting(lines, { count: 10, characters: 6_000 });
  return [
    '> [!WARNING]\n> A rollback does not bring this back:\n>',
    ...shown,
    ...(more > 0 ? [`> - … and ${more} more, below`] : []),
  ].join('\n');
}

/** A migration that has not run yet, and what is known of it. */
interface Pending {
  database: string;
  migration: ReleasedMigration;
  /** Whether the database comes into being with it. */
  first: boolean;
}

/** The migrations that are new: how safe each is, and what a rollback means after them; '' when there are none. */
export function migrations(
  changes: readonly Change[],
  databases: ReleaseContent['databases'],
  links: Links | undefined,
): string {
  const pending = pendingOf(changes, databases);
  if (pending.length === 0) return '';
  const rows = pending.map(({ database, migration, first }) => {
    const { file, version, name } = migration;
    return [
      sourceLink(`${version}_${name}`, { file, line: 1, column: 1 }, links),
      code(cut(database, longestName)),
      ...(first ? ofNewDatabase : safetyOf(migration)),
    ];
  });
  const { shown, more } = fitting(
    rows.map((row) => `| ${row.join(' | ')} |`),
    { count: 40, characters: 8_000 },
  );
  return [
    `**Migrations** · ${safetyTally(pending)}`,
    [table(['migration', 'database', 'safety', 'rollback'], []), ...shown].join('\n'),
    ...(more > 0 ? [`… and ${more} more.`] : []),
  ].join('\n\n');
}

/** `2 additive, 1 destructive`. */
function safetyTally(pending: readonly Pending[]): string {
  const groups = Map.groupBy(pending, ({ first, migration }) => (first ? 'on new databases' : migration.safety));
  return (['on new databases', 'additive', 'locking', 'destructive'] as const)
    .flatMap((kind) => (groups.has(kind) ? [`${groups.get(kind)?.length} ${kind}`] : []))
    .join(', ');
}

function pendingOf(changes: readonly Change[], databases: ReleaseContent['databases']): Pending[] {
  const fresh = new Set(
    changes.flatMap(({ kind, action, subject }) => (kind === 'database' && action === 'add' ? [subject] : [])),
  );
  const known = new Map<string, Pending>(
    Object.entries(databases).flatMap(([database, schema]) =>
      schema.migrations.map((migration) => {
        return [
          `${database}/${migration.version}_${migration.name}`,
          { database, migration, first: fresh.has(database) },
        ] as const;
      }),
    ),
  );
  return changes.flatMap(({ kind, action, subject }) => {
    const pending = kind === 'migration' && action === 'add' ? known.get(subject) : undefined;
    return pending ? [pending] : [];
  });
}

const ofNewDatabase = ['🟢 on a new database', 'possible: no code knew it before'];

function safetyOf({ safety, reason = '' }: ReleasedMigration): [safety: string, rollback: string] {
  const why = prose(cut(reason, 200));
  if (safety === 'additive') return ['🟢 additive', 'possible: old code lives with it'];
  if (safety === 'locking') return [`🟡 locking: ${why}`, 'possible: it only makes others wait'];
  return [`🔴 **destructive**: ${why}`, '**not possible** to a release before it'];
}
