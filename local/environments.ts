import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Environment } from '../pipeline/mod.ts';
import { makeDirectory, readJson, type Shape, type State, writeJson } from './state.ts';

/** What is remembered of an environment: what its processes cannot tell when they do not run. Free of secrets. */
export interface EnvironmentRecord {
  environment: Environment;
  /** The last release that was brought to an end. */
  release?: Digest;
  /** The port of the front door, and those between processes. */
  front: number;
  doors: Record<string, number>;
  /** The port of its caches; absent while it never had any. */
  cache?: number;
  /** Whether it has, or is about to have, anything on the PostgreSQL server. */
  postgres: boolean;
  /** Set from before the first change until after the last. */
  pending?: 'apply' | 'destroy';
  /** ISO 8601 in UTC. */
  updated: string;
  /** `owner/name` of the repository that put it up; absent when a person did. */
  repository?: string;
}

const shape: Shape = { environment: 'object', front: 'number', doors: 'object', updated: 'string' };

export function readRecord(state: State, environment: Environment): EnvironmentRecord | undefined {
  return readJson<EnvironmentRecord>(pathOf(state, environment), shape);
}

export function writeRecord(state: State, record: EnvironmentRecord): void {
  makeDirectory(state.environment(record.environment));
  writeJson(pathOf(state, record.environment), {
    ...record,
    updated: new Date().toISOString(),
  } satisfies EnvironmentRecord);
}

/** Of one application or of all, sorted by application and name. */
export function listRecords(state: State, application?: string): EnvironmentRecord[] {
  const applications =
    application === undefined
      ? children(state.apps).map((name) => join(state.apps, name))
      : [state.application(application)];
  return applications
    .flatMap((directory) =>
      children(join(directory, 'environments')).map((name) => join(directory, 'environments', name)),
    )
    .flatMap((directory) => readJson<EnvironmentRecord>(join(directory, 'environment.json'), shape) ?? [])
    .sort(
      (a, b) =>
        compare(a.environment.application, b.environment.application) ||
        compare(a.environment.name, b.environment.name),
    );
}

/** The ports that environments keep, also while they do not run. */
export function takenPorts(records: EnvironmentRecord[]): Set<number> {
  return new Set(
    records.flatMap(({ front, doors, cache }) => [front, ...Object.values(doors), ...(cache ? [cache] : [])]),
  );
}

function pathOf(state: State, environment: Environment): string {
  return join(state.environment(environment), 'environment.json');
}

function children(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
