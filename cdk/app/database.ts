import type { ProvisionRequest } from '../../runtime/wire.ts';
import {
  databaseName,
  migrateConfig,
  ownerName,
  roleName,
  serverAddress,
  serverKey,
  usedBy,
  variables,
  type Wiring,
} from '../infra-config.ts';
import { logicalId } from '../names.ts';
import type { Container } from './container.ts';
import { declared, type Scope } from './scope.ts';
import { generatedSecret, type SecretVariable } from './secret.ts';

/** Who signs in to the database servers for this environment. */
export interface DatabaseAccess {
  owner: SecretVariable;
  /** By process. */
  roles: Record<string, SecretVariable>;
}

/** A password for the owner, and one for each process that uses a database. Undefined without databases. */
export function databaseAccess(scope: Scope): DatabaseAccess | undefined {
  const { plan } = scope.input;
  if (plan.databases.length === 0) return undefined;
  const secret = (id: string, parts: string[], subject: string) => {
    const made = generatedSecret(scope, id, ['database', ...parts], { subject });
    return { name: variables.databasePassword, valueFrom: made.ref, arn: made.ref };
  };
  const users = plan.processes.filter((process) => usedBy(plan.databases, process).length > 0);
  return {
    owner: secret('DatabaseOwnerSecret', ['owner'], 'password of the owner of the databases'),
    roles: Object.fromEntries(
      users.map(({ name }) => [
        name,
        secret(logicalId('DatabaseSecret', name), ['process', name], `password of ${name} for its databases`),
      ]),
    ),
  };
}

/** What makes the databases and their roles: a container for each server, of the kit's own image. */
export function provisionContainers(scope: Scope, { owner, roles }: DatabaseAccess, wiring: Wiring): Container[] {
  const { plan, provisioner, foundation } = scope.input;
  if (provisioner === undefined) throw new Error('there are databases and no provisioner');
  const byServer = Map.groupBy(plan.databases, ({ name }) => serverKey(plan, wiring, name));
  return [...byServer].map(([key, databases], index) => {
    const { secretArn } = foundation.servers[key]!;
    const passwordOf = (role: number) => `FAIRLEAD_PASSWORD_${role}`;
    const users = plan.processes.filter((process) => usedBy(databases, process).length > 0).map(({ name }) => name);
    const request: ProvisionRequest = {
      version: 1,
      action: 'create',
      server: {
        ...serverAddress(key, wiring),
        username: { $env: 'FAIRLEAD_SERVER_USERNAME' },
        password: { $env: 'FAIRLEAD_SERVER_PASSWORD' },
      },
      owner: { name: ownerName(plan), password: { $env: 'FAIRLEAD_OWNER_PASSWORD' } },
      roles: users.map((process, at) => ({ name: roleName(plan, process), password: { $env: passwordOf(at) } })),
      databases: databases.map((database) => ({
        name: database.name,
        physical: databaseName(plan, database.name),
        users: plan.processes
          .filter((process) => usedBy([database], process).length > 0)
          .map(({ name }) => roleName(plan, name))
          .sort(),
        migrated: plan.release.content.graph.databases.some(
          ({ name, migrations }) => name === database.name && migrations !== undefined,
        ),
      })),
    };
    return {
      name: index === 0 ? 'provision' : `provision-${index + 1}`,
      image: provisioner,
      environment: { FAIRLEAD_PROVISION: request },
      secrets: [
        { name: 'FAIRLEAD_SERVER_USERNAME', valueFrom: `${secretArn}:username::`, arn: secretArn },
        { name: 'FAIRLEAD_SERVER_PASSWORD', valueFrom: `${secretArn}:password::`, arn: secretArn },
        { ...owner, name: 'FAIRLEAD_OWNER_PASSWORD' },
        ...users.map((process, at) => ({ ...roles[process]!, name: passwordOf(at) })),
      ],
    };
  });
}

/** What brings the databases up to the release: the application's own program, as their owner. Undefined without migrations. */
export function migrateContainer(scope: Scope, { owner }: DatabaseAccess, wiring: Wiring): Container | undefined {
  const { plan, images } = scope.input;
  if (images.migrate === undefined) return undefined;
  return {
    name: 'migrate',
    image: images.migrate,
    command: ['migrate.mjs'],
    environment: { FAIRLEAD_INFRA_CONFIG: migrateConfig(plan, wiring) },
    secrets: [owner],
  };
}

/** Where the code declares the first of the databases: what the task that migrates them all is there for. */
export function declaredDatabases(scope: Scope) {
  const [first] = scope.input.plan.databases;
  return first ? declared(scope, 'database', first.name) : {};
}
