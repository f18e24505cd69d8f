import type { Environment, SecretScope, SecretStore } from '../pipeline/mod.ts';
import type { Clients } from './clients.ts';
import { codeOf, unless, unlessMissing } from './errors.ts';
import { tagNames } from './model.ts';

/** Where a value is, and which of its versions is the one in use. */
export interface SecretReference {
  arn: string;
  version: string;
}

export interface AwsSecretStore extends SecretStore {
  /** Of `names`, those that have a value in this environment. */
  references(environment: Environment, names: string[]): Promise<Record<string, SecretReference>>;
}

/** The user's secrets in AWS Secrets Manager, `fairlead/<application>/<type|env>/<which>/<NAME>`, each a plain text. */
export function createSecretStore(clients: Clients): AwsSecretStore {
  async function set(application: string, name: string, value: string, scope: SecretScope): Promise<void> {
    const secrets = await clients.secrets();
    const Name = nameOf(application, name, scope);
    const Tags = [{ Key: tagNames.application, Value: application }];
    const made = await unless(secrets.createSecret({ Name, SecretString: value, Tags }), isThere);
    if (made) return;
    // One that was removed lately keeps its name for some days.
    await secrets.restoreSecret({ SecretId: Name });
    await secrets.putSecretValue({ SecretId: Name, SecretString: value });
  }

  async function references(environment: Environment, names: string[]): Promise<Record<string, SecretReference>> {
    const found = await Promise.all(names.map((name) => referenceOf(environment, name)));
    return Object.fromEntries(names.flatMap((name, index) => (found[index] ? [[name, found[index]]] : [])));
  }

  /** The environment's own value wins over the one of its type. */
  async function referenceOf(environment: Environment, name: string): Promise<SecretReference | undefined> {
    const scopes: SecretScope[] = [{ environment: environment.name }, { type: environment.type }];
    for (const scope of scopes) {
      const found = await current(nameOf(environment.application, name, scope));
      if (found) return found;
    }
    return undefined;
  }

  async function current(SecretId: string): Promise<SecretReference | undefined> {
    const secrets = await clients.secrets();
    const answer = await unlessMissing(secrets.describeSecret({ SecretId }));
    if (!answer?.ARN || answer.DeletedDate) return undefined;
    const versions = Object.entries(answer.VersionIdsToStages ?? {});
    const version = versions.find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
    return version === undefined ? undefined : { arn: answer.ARN, version };
  }

  return {
    async set(application, name, value, scopes) {
      for (const scope of scopes) await set(application, name, value, scope);
    },
    async remove(application, name, scopes) {
      const secrets = await clients.secrets();
      for (const scope of scopes) {
        const SecretId = nameOf(application, name, scope);
        // Those of production can be had back for a week.
        const how =
          'type' in scope && scope.type === 'production'
            ? { RecoveryWindowInDays: 7 }
            : { ForceDeleteWithoutRecovery: true };
        // One that was removed lately is still there, and refuses to be removed again.
        if (await current(SecretId)) await unlessMissing(secrets.deleteSecret({ SecretId, ...how }));
      }
    },
    async list(application) {
      const found = new Map<string, { scopes: SecretScope[]; updated: string }>();
      for await (const { name, scope, updated } of listed(clients, application)) {
        const entry = found.get(name) ?? { scopes: [], updated };
        entry.scopes.push(scope);
        if (updated > entry.updated) entry.updated = updated;
        found.set(name, entry);
      }
      return [...found]
        .map(([name, { scopes, updated }]) => ({ name, scopes: scopes.sort(typesFirst), updated }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async missing(environment, names) {
      const found = await references(environment, names);
      return names.filter((name) => !Object.hasOwn(found, name)).sort();
    },
    references,
  };
}

async function* listed(clients: Clients, application: string) {
  const secrets = await clients.secrets();
  const prefix = `fairlead/${application}/`;
  let NextToken: string | undefined;
  do {
    const answer = await secrets.listSecrets({
      Filters: [{ Key: 'name', Values: [prefix] }],
      ...(NextToken && { NextToken }),
    });
    for (const { Name = '', LastChangedDate, CreatedDate, DeletedDate } of answer.SecretList ?? []) {
      const [kind, which, ...name] = Name.startsWith(prefix) ? Name.slice(prefix.length).split('/') : [];
      if (DeletedDate || which === undefined || name.length === 0 || (kind !== 'type' && kind !== 'env')) continue;
      const scope: SecretScope = kind === 'type' ? { type: which as Environment['type'] } : { environment: which };
      yield { name: name.join('/'), scope, updated: (LastChangedDate ?? CreatedDate ?? new Date(0)).toISOString() };
    }
    ({ NextToken } = answer);
  } while (NextToken);
}

function nameOf(application: string, name: string, scope: SecretScope): string {
  return `fairlead/${application}/${'type' in scope ? `type/${scope.type}` : `env/${scope.environment}`}/${name}`;
}

function isThere(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ResourceExistsException' || (code === 'InvalidRequestException' && /deletion/.test(String(error)));
}

function typesFirst(a: SecretScope, b: SecretScope): number {
  const keyOf = (scope: SecretScope) => ('type' in scope ? `0${scope.type}` : `1${scope.environment}`);
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
