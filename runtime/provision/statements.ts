import { identifier } from '../postgres/broker-schema.ts';
import type { Wanted } from './request.ts';

type Database = Wanted['databases'][number];

/** What a role may do with the tables and sequences of a database it uses. The account that gives it need not be a superuser. */
const onTables = 'SELECT, INSERT, UPDATE, DELETE';
const onSequences = 'USAGE, SELECT, UPDATE';

export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** Whose a role is, said by the server itself: nothing else has to remember it. The owner's name stands for the environment. */
export function markOf(owner: string): string {
  return JSON.stringify(['fairlead', owner]);
}

/**
 * Makes a role that may log in, which the current user becomes a member of: only so may it give databases to the role, and grant
 * what is the role's. Attributes that only a superuser may name are left at their defaults, which are none.
 */
export function makeRole(name: string, verifier: string, mark: string): string[] {
  const role = identifier(name);
  return [
    `DO $do$ BEGIN CREATE ROLE ${role}; EXCEPTION WHEN duplicate_object THEN NULL; END $do$`,
    `DO $do$ BEGIN IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN GRANT ${role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE; END IF; END $do$`,
    `COMMENT ON ROLE ${role} IS ${literal(mark)}`,
    `ALTER ROLE ${role} WITH LOGIN PASSWORD ${literal(verifier)}`,
  ];
}

/** Gives every user of a database what it needs there, of what is there and of what migrations will make. */
export function giveDatabase(database: Database, owner: string): string[] {
  return database.users.flatMap((role) => {
    const to = identifier(role);
    const own = database.migrated ? '' : ', CREATE';
    return [
      // An application that brings its own schema makes it at run time.
      `GRANT CONNECT, TEMPORARY${own} ON DATABASE ${identifier(database.physical)} TO ${to}`,
      ...(database.migrated ? [] : [`GRANT CREATE ON SCHEMA public TO ${to}`]),
      ...everywhere(
        `GRANT USAGE ON SCHEMA %I TO ${to}`,
        `GRANT ${onTables} ON %s TO ${to}`,
        `GRANT ${onSequences} ON SEQUENCE %s TO ${to}`,
      ),
      ...creators(database, role, owner).flatMap((creator) => {
        const future = `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(creator)} GRANT`;
        return [
          `${future} USAGE ON SCHEMAS TO ${to}`,
          `${future} ${onTables} ON TABLES TO ${to}`,
          `${future} ${onSequences} ON SEQUENCES TO ${to}`,
        ];
      }),
    ];
  });
}

/**
 * Takes from roles everything that they were given in a database, whenever and by which rules: what is there says what that is. What
 * a role has made itself stays its own.
 */
export function takeDatabase(physical: string, roles: string[]): string[] {
  if (roles.length === 0) return [];
  const given = (acl: string, owner: string) =>
    `CROSS JOIN LATERAL pg_catalog.aclexplode(${acl}) JOIN pg_catalog.pg_roles ON pg_roles.oid OPERATOR(pg_catalog.=) grantee WHERE rolname IN (${roles.map(literal).join(', ')}) AND grantee OPERATOR(pg_catalog.<>) ${owner} AND pg_catalog.pg_has_role(${owner}, 'USAGE')`;
  const kinds = `CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'n' THEN 'SCHEMAS' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' END`;
  return [
    `SELECT DISTINCT pg_catalog.format('REVOKE ALL ON DATABASE %I FROM %I', datname, rolname) FROM pg_catalog.pg_database ${given('datacl', 'datdba')} AND datname OPERATOR(pg_catalog.=) ${literal(physical)}`,
    `SELECT DISTINCT pg_catalog.format('REVOKE ALL ON SCHEMA %I FROM %I', nspname, rolname) FROM pg_catalog.pg_namespace ${given('nspacl', 'nspowner')}`,
    `SELECT DISTINCT pg_catalog.format('REVOKE ALL ON %s %I.%I FROM %I', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, nspname, relname, rolname) FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid OPERATOR(pg_catalog.=) relnamespace ${given('relacl', 'relowner')}`,
    `SELECT DISTINCT pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE ALL ON %s FROM %I', pg_catalog.pg_get_userbyid(defaclrole), ${kinds}, rolname) FROM pg_catalog.pg_default_acl ${given('defaclacl', 'defaclrole')} AND defaclnamespace OPERATOR(pg_catalog.=) 0::pg_catalog.oid`,
  ].map((query) => execute(query));
}

/** What a role made stays, with the owner; what it was allowed to do goes. Run in each database. */
export function disown(role: string, owner: string): string[] {
  return [`REASSIGN OWNED BY ${identifier(role)} TO ${identifier(owner)}`, `DROP OWNED BY ${identifier(role)}`];
}

/** Who makes tables in the database that the role works with: the owner by migrations, or another of its users. */
function creators({ users }: Database, role: string, owner: string): string[] {
  return [owner, ...users.filter((user) => user !== role)];
}

/**
 * Migrations may make schemas of their own, whose names only the database knows. What belongs to none of ours, such as what an
 * extension brought, is left as it is.
 */
function everywhere(schema: string, table: string, sequence: string): string[] {
  const ours = (owner: string) =>
    `nspname OPERATOR(pg_catalog.!~) '^pg_' AND nspname OPERATOR(pg_catalog.<>) 'information_schema' AND pg_catalog.pg_has_role(${owner}, 'USAGE')`;
  const relations = (statement: string, kinds: string) =>
    `SELECT pg_catalog.format(${literal(statement)}, pg_catalog.format('%I.%I', nspname, relname)) FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid OPERATOR(pg_catalog.=) relnamespace WHERE ${ours('relowner')} AND relkind IN (${kinds})`;
  return [
    `SELECT pg_catalog.format(${literal(schema)}, nspname) FROM pg_catalog.pg_namespace WHERE ${ours('nspowner')}`,
    relations(table, `'r', 'p', 'v', 'm', 'f'`),
    relations(sequence, `'S'`),
  ].map((query) => execute(query));
}

/** Runs each statement that a query answers. */
function execute(query: string): string {
  return `DO $do$ DECLARE statement pg_catalog.text; BEGIN FOR statement IN ${query} LOOP EXECUTE statement; END LOOP; END $do$`;
}
