import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Graph } from '../analyzer/mod.ts';
import { breaks } from './migrations.ts';

/** `sha256:` and 64 hex digits. */
export type Digest = `sha256:${string}`;

/** The immutable record of one build, from which any environment can be put up again. */
export interface Release {
  /** SHA-256 of the canonical JSON (RFC 8785) of `content`. */
  digest: Digest;
  content: ReleaseContent;
  /** Where it came from; not part of the digest, so that the same code merged under another commit is the same release. */
  source: Source;
}

export interface ReleaseContent {
  version: 1;
  graph: Graph;
  /** Per process of every allocation that was built; keys by `imageKey`. */
  images: Record<string, Digest>;
  /** The image whose `migrate` entry brings the databases and queues up to this release. Absent: neither databases nor topics. */
  migrate?: Digest;
  databases: Record<string, SchemaVersion>;
}

export interface SchemaVersion {
  /** The version of the newest migration; 0 without migrations. */
  head: number;
  /** The oldest head whose code still works on this schema: what a rollback may go back to. */
  oldest: number;
}

export interface Source {
  /** SHA-256 over the application's files, whatever the commit. */
  hash: Digest;
  /** The commit, when the application is in a git repository and its tree is clean. */
  commit?: string;
}

/** Seals the content: equal content gives an equal digest, whatever the order of its keys. */
export function createRelease(content: ReleaseContent, source: Source): Release {
  return { digest: digestOf(content), content, source };
}

/** SHA-256 of the canonical JSON of a value. */
export function digestOf(value: unknown): Digest {
  return `sha256:${createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex')}`;
}

/** Enough digits to name it again. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/**
 * Per database with migrations: the newest version, and how far back code may go. Walking back from the newest, every
 * migration that old code can live with lets the oldest version sink below it.
 */
export function schemaVersions(graph: Graph): Record<string, SchemaVersion> {
  return Object.fromEntries(
    graph.databases.map(({ name, migrations }) => {
      const files = migrations?.files ?? [];
      const breaking = files.findLastIndex(breaks);
      return [name, { head: files.at(-1)?.version ?? 0, oldest: files[breaking]?.version ?? 0 }];
    }),
  );
}
