import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../../analyzer/graph.ts';
import { canonicalDigest, type Digest, imageKey, processesOf, type Release } from '../../../pipeline/mod.ts';
import type { AppVersion } from '../../conformance/tiny-app.ts';
import { release } from '../../support/release.ts';

const pg = new URL('../../../node_modules/pg/esm/index.mjs', import.meta.url).href;
const sqs = new URL('../../../node_modules/@aws-sdk/client-sqs/dist-cjs/index.js', import.meta.url).href;

/** A directory of images addressed by digest, with servers written by hand. */
export class TinyStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async unpack(_application: string, image: Digest, directory: string): Promise<void> {
    cpSync(this.#path(image), directory, { recursive: true });
  }

  put(files: Record<string, string>): Digest {
    const digest = canonicalDigest(files);
    mkdirSync(this.#path(digest), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#path(digest), name), text);
    return digest;
  }

  build(app: AppVersion, graph: Graph): Release {
    const images = (['all-in-one', 'per-service'] as const).flatMap((allocation) =>
      processesOf(graph, allocation).map(({ name, services, gateway }) => {
        return [imageKey(allocation, name), this.put({ ...programs(app, { name, services, gateway }) })] as const;
      }),
    );
    return release(graph, Object.fromEntries(images), { hash: canonicalDigest(app) }, { migrate: 'all-in-one/app' });
  }

  #path(digest: Digest): string {
    return join(this.#directory, digest.replace(':', '-'));
  }
}

/** What the image of a process has: its server, and the program that migrates. Both read their configuration as a target gives it. */
export function programs(
  app: AppVersion,
  process: { name: string; services: string[]; gateway: boolean },
): { 'main.mjs': string; 'migrate.mjs': string } {
  const own = { version: app.version, health: app.health, ...(process.services.includes('web') && { web: app.web }) };
  return { 'main.mjs': server({ ...own, ...process }), 'migrate.mjs': migrations(app) };
}

function server(self: object): string {
  return `import { readFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { text } from 'node:stream/consumers';
import pg from ${JSON.stringify(pg)};

const self = ${JSON.stringify(self)};
if (self.health === 'exits') {
  console.error('cannot go on');
  process.exit(3);
}
const config = JSON.parse(process.env.FAIRLEAD_INFRA_CONFIG ?? readFileSync(process.env.ENCORE_INFRA_CONFIG_PATH, 'utf8'));
const tls = (server) => (server?.tls_config?.disabled ? {} : { ssl: { rejectUnauthorized: false } });
const resolve = (value) => (typeof value === 'string' ? value : process.env[value.$env]);
const [server] = config.sql_servers ?? [];
const notes = server?.databases.notes;
const [host, port] = (server?.host ?? '').split(':');
const pool = notes && new pg.Pool({ host, port, database: notes.name, user: notes.username, password: resolve(notes.password), max: 2, ...tls(server) });
pool?.on('error', () => {});
let ticks = 0;

/** As whoever the process is at the server; without an account of its own, as another's with what it knows. */
async function intrusion({ database, host: address, user }) {
  const broker = config.fairlead.broker;
  const [host, port] = (broker?.host ?? address).split(':');
  const account = broker ? { user: broker.username, password: resolve(broker.password) } : { user, password: process.env.FAIRLEAD_INTERNAL_KEY, ssl: { rejectUnauthorized: false } };
  const client = new pg.Client({ host, port, database, ...account });
  client.on('error', () => {});
  return client.connect().then(() => 'connected', (error) => error.message).finally(() => client.end());
}

const routes = {
  '/__encore/healthz': () => 'ok',
  '/version': () => ({ ...self, environment: config.metadata.env_name, pid: process.pid, forwarded: undefined }),
  '/greeting': () => resolve(config.secrets.GREETING),
  '/notes': async (request) => {
    if (request.method === 'POST') await pool.query('INSERT INTO notes (text) VALUES ($1)', [JSON.parse(await text(request))]);
    return (await pool.query('SELECT text FROM notes ORDER BY id')).rows.map((row) => row.text);
  },
  '/intrusion': async (request, url) => ({ notes: await intrusion(Object.fromEntries(url.searchParams)), greeting: resolve(config.secrets?.GREETING ?? { $env: 'FAIRLEAD_SECRET_GREETING' }) ?? null }),
  '/log': (request, url) => (console.log(url.searchParams.get('line')), 'logged'),
  '/slow': () => new Promise((done) => setTimeout(done, 300, { version: self.version })),
  '/headers': (request) => request.headers,
  '/crash': () => process.exit(9),
  '/ticks': () => ticks,
  '/config': () => config,
  '/environment': () => process.env,
  '/__fairlead/cron/tick': () => void ticks++,
  '/__fairlead/cron/broken': () => { throw new Error('the job is broken'); },
};

function call(service, path) {
  return new Promise((done, failed) => {
    get(new URL(path, config.service_discovery[service].base_url), (response) => text(response).then((body) => done(JSON.parse(body)), failed)).on('error', failed);
  });
}

const http = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const [, first] = url.pathname.split('/');
  try {
    let answer;
    if (first === 'back' && !self.services.includes('back')) answer = await call('back', url.pathname + url.search);
    else if (self.gateway && self.services.length === 0 && first !== '__encore') {
      const proxied = await fetch(new URL(request.url, config.service_discovery.web.base_url), { method: request.method, body: request.method === 'POST' ? await text(request) : undefined });
      if (!proxied.ok) throw new Error(await proxied.text());
      answer = await proxied.json();
    } else answer = await routes[first === 'back' ? url.pathname.slice(5) || '/version' : url.pathname](request, url);
    response.end(JSON.stringify(answer ?? null));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
http.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n');
  socket.on('data', (chunk) => socket.write(self.version + ':' + chunk));
});
let stopping = false;
/** Cron jobs come in by a queue where nobody calls the process itself. A poll that nobody listens to any more would take a wake with it. */
async function takeWakes(queue) {
  const { SQS } = (await import(${JSON.stringify(sqs)})).default;
  const client = new SQS();
  while (!stopping) {
    const { Messages = [] } = await client.receiveMessage({ QueueUrl: queue, WaitTimeSeconds: 1 });
    for (const { Body, ReceiptHandle } of Messages) {
      const { cron_job, run } = JSON.parse(Body);
      let status = 200;
      try {
        await routes['/__fairlead/cron/' + cron_job]();
      } catch {
        status = 500;
      }
      await client.deleteMessage({ QueueUrl: queue, ReceiptHandle });
      console.log(JSON.stringify({ event: 'cron job ended', cron_job, run, status }));
    }
  }
}
const wakes = config.fairlead?.cron && takeWakes(config.fairlead.cron.url).catch((error) => console.error('cron', error));
if (self.health !== 'never') http.listen(process.env.PORT, process.env.HOST);
else setInterval(() => {}, 1000);
process.on('SIGTERM', () => {
  stopping = true;
  http.close(() => Promise.resolve(wakes).then(() => process.exit(0)));
  http.closeIdleConnections();
});
`;
}

/** The contract of the runtime's \`migrate\` entry, with the migrations written out. */
function migrations({ migration }: AppVersion): string {
  const files = [
    {
      version: 1,
      name: 'init',
      sql: 'CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)',
    },
    ...(migration === 'column' ? [{ version: 2, name: 'column', sql: 'ALTER TABLE notes ADD COLUMN color text' }] : []),
    ...(migration === 'mistake' ? [{ version: 2, name: 'mistake', sql: 'ALTER TABEL notes' }] : []),
  ];
  return `import { readFileSync } from 'node:fs';
import pg from ${JSON.stringify(pg)};

const config = JSON.parse(process.env.FAIRLEAD_INFRA_CONFIG ?? readFileSync(process.env.ENCORE_INFRA_CONFIG_PATH, 'utf8'));
const tls = (server) => (server?.tls_config?.disabled ? {} : { ssl: { rejectUnauthorized: false } });
const say = (event) => console.log(JSON.stringify(event));
const [{ host: address, databases }] = config.sql_servers;
const [host, port] = address.split(':');
const connect = async (database, user, password) => {
  const client = new pg.Client({ host, port, database, user, password: process.env[password.$env], ...tls(config.sql_servers[0]) });
  await client.connect();
  return client;
};
const { broker } = config.fairlead;
if (broker) {
  const queues = await connect(broker.database, broker.username, broker.password);
  for (const { queues: tables } of Object.values(broker.topics))
    for (const { table } of tables)
      await queues.query(\`CREATE TABLE IF NOT EXISTS "\${broker.schema}"."\${table}" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)\`);
  await queues.end();
}
const { name, username, password } = databases.notes;
const client = await connect(name, username, password);
await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)');
for (const { version, name, sql } of ${JSON.stringify(files)}) {
  const { rows } = await client.query('SELECT version FROM schema_migrations WHERE version >= $1', [version]);
  if (rows.length > 0) continue;
  try {
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations VALUES ($1, false)', [version]);
    say({ event: 'applied', database: 'notes', version, name, milliseconds: 1 });
  } catch (error) {
    say({ event: 'failed', database: 'notes', file: \`web/migrations/\${version}_\${name}.up.sql\`, line: 1, column: 7, message: error.message, sqlstate: error.code });
    process.exit(1);
  }
}
await client.end();
`;
}
