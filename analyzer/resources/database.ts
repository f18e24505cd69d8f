import { dirname, resolve } from 'node:path';
import { ts } from '@ts-morph/common';
import { ConfigReader, nameOf } from '../config.ts';
import { free, type MemberUse, type Reader, type Recogniser, type Uses } from '../context.ts';
import type { Database } from '../graph.ts';
import { readMigrations } from '../migrations.ts';
import { unwrap } from '../references.ts';
import { contains } from '../services.ts';
import type { Site } from '../sites.ts';
import { didYouMean } from '../suggest.ts';
import { isFree } from './names.ts';

const statement: MemberUse = { kind: 'statement' };
const connection: MemberUse = { kind: 'same', otherwise: ['query'] };

/** Of databases, connections and transactions. What is out of sight may run any statement. */
const uses: Uses = {
  members: {
    acquire: connection,
    begin: connection,
    exec: statement,
    query: statement,
    queryAll: statement,
    queryRow: statement,
    rawExec: statement,
    rawQuery: statement,
    rawQueryAll: statement,
    rawQueryRow: statement,
    connectionString: { kind: 'operations', operations: ['connect'] },
    name: free,
    close: free,
    commit: free,
    rollback: free,
  },
  escape: ['query'],
};

/** `new SQLDatabase('name', { migrations: './migrations' })`. */
export const database: Recogniser<{ name: string; migrations?: Database['migrations'] }> = {
  declares: 'encore.dev/storage/sqldb#SQLDatabase',
  as: 'new',
  bound: 'any',
  what: 'a database',
  uses,
  async read(site, reader) {
    const name = nameOf(site.node.arguments?.[0], 'a database', site.node, reader.report);
    const migrations = await migrationsOf(site, reader);
    return name === undefined ? undefined : { name, ...(migrations && { migrations }) };
  },
  link({ value: { name, migrations }, key, file, position }, linker) {
    // In any case, so that a second database of one name is the only thing reported about it.
    linker.resources.set(key, { kind: 'database', name });
    if (!isFree('a database', name, position, linker.graph.databases, linker)) return;
    const service = linker.serviceOf(file)?.name;
    linker.graph.databases.push({
      name,
      ...(service !== undefined && { service }),
      ...(migrations && { migrations }),
      position,
    });
  },
};

/** `SQLDatabase.named('name')`: another module's database. */
export const namedDatabase: Recogniser<string> = {
  declares: 'encore.dev/storage/sqldb#SQLDatabase.named',
  as: 'call',
  bound: 'any',
  what: 'a database',
  uses,
  read: ({ node }, { report }) => nameOf(node.arguments?.[0], 'a database', node, report),
  link({ value: name, key, position }, { resources, graph, report }) {
    resources.set(key, { kind: 'database', name });
    if (graph.databases.some((database) => database.name === name)) return;
    report.error(
      'FL1405',
      position,
      `there is no database named \`${name}\``,
      didYouMean(
        name,
        graph.databases.map((database) => database.name),
        `Declare it with \`new SQLDatabase("${name}", …)\`, or correct the name.`,
      ),
    );
  },
};

async function migrationsOf({ node, file }: Site, { application, report }: Reader): Promise<Database['migrations']> {
  const config = new ConfigReader(node.arguments?.[1], ['migrations'], report);
  const value = config.node('migrations');
  if (!value) return undefined;
  const nested = ts.isExpression(value) && ts.isObjectLiteralExpression(unwrap(value));
  const settings = nested ? new ConfigReader(value, ['path', 'source'], report) : undefined;
  const path = settings ? settings.text('path') : config.text('migrations');
  const at = settings?.node('path') ?? value;
  if (path === undefined) {
    if (settings && !settings.node('path'))
      report.error('FL1106', value, '`migrations` has no `path`', 'Name the directory of the migrations.');
    return undefined;
  }
  const source = settings?.node('source') ? settings.text('source') : 'default';
  const directory = resolve(dirname(file.fileName), path);
  if (!contains(application.root, directory)) {
    report.error(
      'FL1401',
      at,
      'the migrations are outside the application',
      'Name a directory below the one of the application.',
    );
    return undefined;
  }
  if (source === undefined) return undefined;
  return readMigrations(
    directory,
    source,
    { at, source: settings?.node('source') ?? at },
    { root: application.root, disk: application.disk, report },
  );
}
