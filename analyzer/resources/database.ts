import { dirname, resolve } from 'node:path';
import { ts } from '@ts-morph/common';
import { ConfigReader, nameOf } from '../config.ts';
import type { Context, Recogniser, Uses } from '../context.ts';
import { readMigrations } from '../migrations.ts';
import { unwrap } from '../references.ts';
import { contains } from '../services.ts';
import type { Site } from '../sites.ts';
import { didYouMean } from '../suggest.ts';
import { bind, isFree } from './bind.ts';

const uses: Uses = {
  members: {
    acquire: 'query',
    begin: 'query',
    exec: 'query',
    query: 'query',
    queryAll: 'query',
    queryRow: 'query',
    rawExec: 'query',
    rawQuery: 'query',
    rawQueryAll: 'query',
    rawQueryRow: 'query',
    connectionString: 'connect',
    name: 'free',
  },
};

/** `new SQLDatabase('name', { migrations: './migrations' })`. */
export const database: Recogniser = {
  declares: 'encore.dev/storage/sqldb#SQLDatabase',
  as: 'new',
  bound: 'any',
  what: 'a database',
  async recognise(site, context) {
    const { report, graph, services } = context;
    const { node, file } = site;
    const name = nameOf(node.arguments?.[0], 'a database', node, report);
    const migrations = await migrationsOf(site, context);
    if (name === undefined) return;
    // Bound in any case, so that a second database of one name is the only thing reported about it.
    bind(site, { resource: { kind: 'database', name }, uses }, context);
    if (!isFree('a database', name, site, graph.databases, context)) return;
    const service = services.of(file.fileName)?.name;
    graph.databases.push({
      name,
      ...(service !== undefined && { service }),
      ...(migrations && { migrations }),
      position: report.positionOf(node),
    });
  },
};

/** `SQLDatabase.named('name')`: another module's database. */
export const namedDatabase: Recogniser = {
  declares: 'encore.dev/storage/sqldb#SQLDatabase.named',
  as: 'call',
  bound: 'variable',
  what: 'a database',
  recognise(site, context) {
    const { report, graph } = context;
    const name = nameOf(site.node.arguments?.[0], 'a database', site.node, report);
    if (name === undefined) return;
    bind(site, { resource: { kind: 'database', name }, uses }, context);
    const names = graph.databases.map((database) => database.name);
    if (names.includes(name)) return;
    report.error(
      'FL1405',
      site.node,
      `there is no database named \`${name}\``,
      didYouMean(name, names, `Declare it with \`new SQLDatabase("${name}", …)\`, or correct the name.`),
    );
  },
};

async function migrationsOf({ node, file }: Site, context: Context) {
  const config = new ConfigReader(node.arguments?.[1], ['migrations'], context.report);
  const value = config.node('migrations');
  if (!value) return undefined;
  const nested = ts.isExpression(value) && ts.isObjectLiteralExpression(unwrap(value));
  const settings = nested ? new ConfigReader(value, ['path', 'source'], context.report) : undefined;
  const path = settings ? settings.text('path') : config.text('migrations');
  const at = settings?.node('path') ?? value;
  if (path === undefined) {
    if (settings && !settings.node('path'))
      context.report.error('FL1106', value, '`migrations` has no `path`', 'Name the directory of the migrations.');
    return undefined;
  }
  const source = settings?.node('source') ? settings.text('source') : 'default';
  const directory = resolve(dirname(file.fileName), path);
  if (!contains(context.application.root, directory)) {
    context.report.error(
      'FL1401',
      at,
      'the migrations are outside the application',
      'Name a directory below the one of the application.',
    );
    return undefined;
  }
  return readMigrations(
    directory,
    source ?? '',
    { at, source: settings?.node('source') ?? at },
    { root: context.application.root, report: context.report },
  );
}
