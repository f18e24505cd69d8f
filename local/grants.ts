import { brokerDatabase, type DatabaseLayout } from './layout.ts';

/** What one role may do in one database, as statements of one transaction run there by the superuser. */
export interface Grants {
  database: string;
  role: string;
  /** Takes away everything the role may do there. */
  revoke: string[];
  /** Gives what the plan says; empty when that is nothing. */
  grant: string[];
}

/** Every role against every database of the environment and the broker: also where it has nothing to look for. */
export function grantsOf(layout: DatabaseLayout): Grants[] {
  const roles = layout.roles.map(({ name }) => name);
  return roles.flatMap((role) => [
    ...layout.databases.map((database) => ({
      database: database.physical,
      role,
      revoke: revokeInDatabase(database.physical, role, [layout.owner.name, ...others(database.users, role)]),
      grant: database.users.includes(role)
        ? grantInDatabase(database, role, [layout.owner.name, ...others(database.users, role)])
        : [],
    })),
    ...(layout.broker ? [brokerGrants(layout.broker, role)] : []),
  ]);
}

/** The superuser's statements that make a role, with its password, and mark whose it is; safe to repeat. */
export function ensureRole(name: string, password: string, mark: string): string[] {
  return [
    `DO $do$ BEGIN CREATE ROLE ${identifier(name)}; EXCEPTION WHEN duplicate_object THEN NULL; END $do$`,
    `COMMENT ON ROLE ${identifier(name)} IS ${literal(mark)}`,
    `ALTER ROLE ${identifier(name)} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD ${literal(password)}`,
  ];
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

function others(users: string[], role: string): string[] {
  return users.filter((user) => user !== role);
}

/** `creators` make tables in this database that the role works with: the owner by migrations, or another of its users. */
function grantInDatabase(database: DatabaseLayout['databases'][number], role: string, creators: string[]): string[] {
  const to = identifier(role);
  return [
    // An application that brings its own schema makes it at run time.
    `GRANT CONNECT, TEMPORARY${database.migrated ? '' : ', CREATE'} ON DATABASE ${identifier(database.physical)} TO ${to}`,
    ...(database.migrated ? [] : [`GRANT CREATE ON SCHEMA public TO ${to}`]),
    inEverySchema([
      `GRANT USAGE ON SCHEMA %I TO ${to}`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO ${to}`,
      `GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA %I TO ${to}`,
    ]),
    ...creators.flatMap((creator) => [
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(creator)} GRANT USAGE ON SCHEMAS TO ${to}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(creator)} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${to}`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(creator)} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO ${to}`,
    ]),
  ];
}

function revokeInDatabase(database: string, role: string, creators: string[]): string[] {
  const from = identifier(role);
  return [
    `REVOKE ALL ON DATABASE ${identifier(database)} FROM ${from}`,
    inEverySchema([
      `REVOKE ALL ON SCHEMA %I FROM ${from}`,
      `REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM ${from}`,
      `REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM ${from}`,
    ]),
    ...creators.flatMap((creator) =>
      ['SCHEMAS', 'TABLES', 'SEQUENCES'].map(
        (objects) => `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(creator)} REVOKE ALL ON ${objects} FROM ${from}`,
      ),
    ),
  ];
}

/** Migrations may make schemas of their own, whose names only the database knows. */
function inEverySchema(statements: string[]): string {
  const executions = statements.map((statement) => `EXECUTE pg_catalog.format(${literal(statement)}, s);`).join(' ');
  return `DO $do$ DECLARE s pg_catalog.name; BEGIN FOR s IN SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname OPERATOR(pg_catalog.!~) '^pg_' AND nspname OPERATOR(pg_catalog.<>) 'information_schema' LOOP ${executions} END LOOP; END $do$`;
}

/** A publisher inserts into every queue of its topics; a subscriber works on its own queue alone. */
function brokerGrants({ schema, queues }: NonNullable<DatabaseLayout['broker']>, role: string): Grants {
  const [on, to] = [identifier(schema), identifier(role)];
  const own = queues.flatMap(({ table, publishers, subscriber }) => [
    ...(publishers.includes(role) ? [`GRANT INSERT ON ${on}.${identifier(table)} TO ${to}`] : []),
    ...(subscriber === role ? [`GRANT SELECT, UPDATE, DELETE ON ${on}.${identifier(table)} TO ${to}`] : []),
  ]);
  const connect = [
    `GRANT CONNECT ON DATABASE ${identifier(brokerDatabase)} TO ${to}`,
    `GRANT USAGE ON SCHEMA ${on} TO ${to}`,
  ];
  return {
    database: brokerDatabase,
    role,
    revoke: [
      `REVOKE ALL ON DATABASE ${identifier(brokerDatabase)} FROM ${to}`,
      `REVOKE ALL ON SCHEMA ${on} FROM ${to}`,
      `REVOKE ALL ON ALL TABLES IN SCHEMA ${on} FROM ${to}`,
    ],
    grant: own.length > 0 ? [...connect, ...own] : [],
  };
}
