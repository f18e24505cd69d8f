import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, SecretScope, SecretStore } from '../pipeline/mod.ts';
import { Locks } from './lock.ts';
import { makeDirectory, openState, pathsOf, readJson, writeJson } from './state.ts';

interface SecretsFile {
  secrets: Record<string, { scope: SecretScope; value: string; updated: string }[]>;
}

export interface LocalSecretStore extends SecretStore {
  /** The values of those of `names` that have one in this environment. */
  values(environment: Environment, names: string[]): Promise<Record<string, string>>;
}

/**
 * Secrets in one file per application that only the user may read.
 * `local` are values for environments of type `local`, which win over the file's.
 */
export function createSecretStore(stateDirectory: string, local: Record<string, string> = {}): LocalSecretStore {
  const pathOf = (application: string) => join(pathsOf(stateDirectory).application(application), 'secrets.json');
  const read = (application: string) => {
    // Only what this version understands is read, and reading makes nothing where nothing is.
    if (existsSync(stateDirectory)) openState(stateDirectory);
    return readJson<SecretsFile>(pathOf(application), { secrets: 'object' })?.secrets ?? {};
  };

  function change(application: string, name: string, scopes: SecretScope[], added: SecretsFile['secrets'][string]) {
    return new Locks(stateDirectory).hold(JSON.stringify(['secrets', application]), async () => {
      const secrets = read(application);
      const kept = (secrets[name] ?? []).filter((entry) => !scopes.some((scope) => sameScope(scope, entry.scope)));
      const { [name]: _, ...others } = secrets;
      const entries = [...kept, ...added];
      makeDirectory(openState(stateDirectory).application(application));
      writeJson(pathOf(application), {
        secrets: entries.length > 0 ? { ...others, [name]: entries } : others,
      } satisfies SecretsFile);
    });
  }

  async function values(environment: Environment, names: string[]): Promise<Record<string, string>> {
    const secrets = read(environment.application);
    return Object.fromEntries(
      names.flatMap((name) => {
        const extra = environment.type === 'local' && Object.hasOwn(local, name) ? local[name] : undefined;
        const value = extra ?? valueIn(environment, Object.hasOwn(secrets, name) ? secrets[name]! : []);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  return {
    set: async (application, name, value, scopes) => {
      const updated = new Date().toISOString();
      return change(
        application,
        name,
        scopes,
        scopes.map((scope) => ({ scope, value, updated })),
      );
    },
    remove: async (application, name, scopes) => change(application, name, scopes, []),
    list: async (application) =>
      Object.entries(read(application))
        .map(([name, entries]) => ({
          name,
          scopes: entries.map(({ scope }) => scope),
          updated: entries
            .map(({ updated }) => updated)
            .sort()
            .at(-1)!,
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    missing: async (environment, names) => {
      const found = await values(environment, names);
      return names.filter((name) => !Object.hasOwn(found, name)).sort();
    },
    values,
  };
}

/** The environment's own value wins over the one of its type. */
function valueIn(environment: Environment, entries: SecretsFile['secrets'][string]): string | undefined {
  const of = (wanted: SecretScope) => entries.find(({ scope }) => sameScope(scope, wanted))?.value;
  return of({ environment: environment.name }) ?? of({ type: environment.type });
}

function sameScope(a: SecretScope, b: SecretScope): boolean {
  return 'type' in a ? 'type' in b && a.type === b.type : 'environment' in b && a.environment === b.environment;
}
