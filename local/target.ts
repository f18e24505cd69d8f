import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployed, Environment, Target } from '../pipeline/mod.ts';
import { isOwn, refuseForeign } from '../pipeline/refusals/ownership.ts';
import { UserError } from '../pipeline/user-error.ts';
import { apply, type Machine } from './apply.ts';
import { destroy } from './destroy.ts';
import { type EnvironmentRecord, listRecords, readRecord } from './environments.ts';
import type { ImageSource } from './images.ts';
import { openKeys } from './keys.ts';
import { Locks } from './lock.ts';
import { readLogs } from './logs.ts';
import { frontUrl } from './names.ts';
import { words } from './ownership.ts';
import { migrationsSeen } from './postgres/databases.ts';
import { findServer } from './postgres/server.ts';
import { createSecretStore } from './secrets.ts';
import { openState, pathsOf } from './state.ts';
import { findSupervisor, readStatus, trigger } from './supervisor/client.ts';

export interface LocalTargetOptions {
  /** Absolute; made at the first change. */
  stateDirectory: string;
  images: ImageSource;
  /** Values of secrets in environments of type `local`, which win over stored ones. */
  localSecrets?: Record<string, string>;
  /**
   * `owner/name` of the repository that it works for: then it sees and touches only what was put up for that. @default whoever uses
   * this machine, who may see and touch everything
   */
  repository?: string;
  /** The URL of a collector that takes traces and metrics by OTLP over HTTP. @default nobody takes them */
  collector?: string;
}

/** Environments as processes of this machine, with one PostgreSQL server for all of them. */
export function createLocalTarget({
  stateDirectory,
  images,
  localSecrets,
  repository,
  collector,
}: LocalTargetOptions): Target {
  const secrets = createSecretStore(stateDirectory, localSecrets);

  /** Opened for each use case: a target is made also where nothing shall be written. */
  function open(): Machine {
    const state = openState(stateDirectory);
    const parts = { state, keys: openKeys(state), locks: new Locks(stateDirectory), images, secrets };
    return { ...parts, ...(repository !== undefined && { repository }), ...(collector !== undefined && { collector }) };
  }

  /** Reading makes no state directory where there is none. */
  function records(application?: string): EnvironmentRecord[] {
    const all = existsSync(stateDirectory) ? listRecords(openState(stateDirectory), application) : [];
    return all.filter((record) => isOwn(record, repository));
  }

  /** @throws UserError FL4020 when it is not for us */
  function recordOf(environment: Environment): EnvironmentRecord | undefined {
    const record = existsSync(stateDirectory) ? readRecord(openState(stateDirectory), environment) : undefined;
    refuseForeign(record, repository, words);
    return record;
  }

  return {
    name: 'local',
    secrets,
    list: async (application) => Promise.all(records(application).map((record) => look(open(), record))),
    read: async (environment) => {
      const record = recordOf(environment);
      return record && look(open(), record);
    },
    apply: async (plan, report, { verify } = {}) => {
      const outcome = await apply(open(), plan, report);
      await verify?.(outcome.url);
      return outcome;
    },
    destroy: async (environment, report) => {
      recordOf(environment);
      return existsSync(stateDirectory) ? destroy(open(), environment, report) : { removed: [], left: [] };
    },
    async *logs(environment, options) {
      if (!recordOf(environment)) throw notThere(environment);
      yield* readLogs(join(pathsOf(stateDirectory).environment(environment), 'logs'), options);
    },
    trigger: async (environment, cronJob) => {
      recordOf(environment);
      const { state, locks } = open();
      const supervision = findSupervisor(state, locks, environment);
      if (!supervision) throw notThere(environment);
      const result = await trigger(supervision, cronJob);
      if (result.ok) return;
      throw new UserError({
        code: result.reason === 'unknown' ? 'FL4016' : 'FL4017',
        severity: 'error',
        message: result.message,
        help:
          result.reason === 'unknown'
            ? 'Name a cron job of the release that runs.'
            : `See what the endpoint logged with fairlead logs --env ${environment.name}.`,
      });
    },
  };
}

/** What is on disk, against what really runs. */
async function look({ state, keys, locks }: Machine, record: EnvironmentRecord): Promise<Deployed> {
  const { environment, front, pending, updated, repository } = record;
  const supervision = findSupervisor(state, locks, environment);
  const [status, server] = await Promise.all([
    supervision && readStatus(supervision),
    record.postgres ? findServer(state, keys) : undefined,
  ]);
  // What cannot be read is not told; that keeps nobody from seeing, replacing or removing the environment.
  const seen = server && (await migrationsSeen(server, environment).catch(() => undefined));
  const databaseless = record.postgres && !server;
  const release = (status?.release as Deployed['release']) ?? record.release;
  return {
    environment,
    ...(release && { release }),
    ...(release && { url: frontUrl(status?.front ?? front) }),
    state: pending ? 'incomplete' : !status?.release ? 'stopped' : databaseless ? 'incomplete' : 'running',
    processes: status?.processes ?? [],
    ...(seen && {
      schema: mapValues(seen, ({ head }) => head),
      remembered: mapValues(seen, ({ hashes }) => hashes),
    }),
    updated,
    ...(repository !== undefined && { repository }),
  };
}

function mapValues<T, U>(map: ReadonlyMap<string, T>, make: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Array.from(map, ([key, value]) => [key, make(value)]));
}

function notThere({ application, name }: Environment): UserError {
  return new UserError({
    code: 'FL4015',
    severity: 'error',
    message: `the environment ${name} of ${application} does not run on this machine`,
    help: `Start it with fairlead start --env ${name}, or deploy it; fairlead status lists what is there.`,
  });
}
