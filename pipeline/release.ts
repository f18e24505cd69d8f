import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Graph, MigrationFile } from '../analyzer/mod.ts';
import { breaks, unmigrated } from './migrations.ts';

type StatementSafety = MigrationFile['statements'][number]['safety'];

/**
 * `sha256:` and 64 hex digits.
 * @pattern ^sha256:[0-9a-f]{64}$
 */
export type Digest = `sha256:${string}`;

/** The immutable record of one build, from which any environment can be put up again. */
export interface Release {
  /** Of the manifest under which a registry keeps `content`, and so of the content alone. */
  digest: Digest;
  content: ReleaseContent;
  /** Where it came from; not part of the digest, so that the same code merged under another commit is the same release. */
  source: Source;
}

/** `release.json`. */
export interface ReleaseContent {
  version: 2;
  /** The version of Fairlead that built it. */
  tool: string;
  graph: Graph;
  /** Per process of every allocation that was built; keys by `imageKey`. */
  images: Record<string, Digest>;
  /** The key of the image whose `migrate.mjs` brings databases and queues up to this release. Absent: neither databases nor topics. */
  migrate?: string;
  databases: Record<string, DatabaseSchema>;
  /** What the images lie on. Absent: on nothing, for a machine that has Node itself. */
  base?: BaseImage;
  /** SHA-256 of every file of the application that went into the build, by its path. */
  inputs: Record<string, Digest>;
  /** Keys of the images that another build may not make the same again, such as those of a Dockerfile. */
  unreproducible?: string[];
}

/** An image by name, as people know it, and by the digest that was used. */
export interface BaseImage {
  image: string;
  digest: Digest;
}

export interface DatabaseSchema {
  /** The version of the newest migration; -1 without migrations. */
  head: number;
  /** The oldest head whose code still works on this schema: what a rollback may go back to. */
  oldest: number;
  /** In the order in which they run. */
  migrations: ReleasedMigration[];
}

/** A migration, and whether code that was written before it can live with it. */
export interface ReleasedMigration {
  version: number;
  name: string;
  /** Relative to the application's root. */
  file: string;
  /** SHA-256 of the file in hex. */
  hash: string;
  /** The worst of its statements: `locking` keeps others waiting, `destructive` breaks code that was written before. */
  safety: StatementSafety;
  /** Why it is not additive. */
  reason?: string;
}

export interface Source {
  /** SHA-256 over the application's files, whatever the commit. */
  hash: Digest;
  /** The commit, when the application is in a git repository and its tree is clean. */
  commit?: string;
}

/** SHA-256 of the canonical JSON (RFC 8785) of a value. */
export function canonicalDigest(value: unknown): Digest {
  return `sha256:${createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex')}`;
}

/** Enough digits to name it again. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/**
 * Per database its migrations and how far back code may go. Walking back from the newest, every migration that old code
 * can live with lets the oldest version sink below it.
 */
export function databaseSchemas(graph: Graph): Record<string, DatabaseSchema> {
  return Object.fromEntries(
    graph.databases.map(({ name, migrations }) => {
      const files = migrations?.files ?? [];
      const breaking = files.findLastIndex(breaks);
      const head = files.at(-1)?.version ?? unmigrated;
      return [name, { head, oldest: files[breaking]?.version ?? unmigrated, migrations: files.map(released) }];
    }),
  );
}

/** From harmless to worst. */
const safeties: readonly StatementSafety[] = ['additive', 'locking', 'destructive'];

function released(migration: MigrationFile): ReleasedMigration {
  const { version, name, file, hash, statements } = migration;
  const safety = safeties.findLast((one) => statements.some((statement) => statement.safety === one)) ?? 'additive';
  const reasons = statements.filter((statement) => statement.safety === safety).map(({ reason }) => reason);
  return { version, name, file, hash, safety, ...(safety !== 'additive' && { reason: reasons.join('; ') }) };
}
