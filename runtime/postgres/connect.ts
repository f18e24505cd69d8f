import type { Client, ClientBase, Pool } from 'pg';
import { resolveEnv } from '../infra/config.ts';
import type { ClientCertificate, SqlServer } from '../wire.ts';

/** Where a database is and how to be let in. */
export interface Server {
  /** A host name, an address, or the directory of a Unix socket. */
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  ssl: false | Tls;
}

interface Tls {
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized: boolean;
  /** Absent: the certificate has to name the host. */
  checkServerIdentity?: () => undefined;
}

/** Splits `host:port`, `[::1]:5432` and `/var/run/postgresql:5432`. @default port 5432 */
export function splitHost(host: string): { host: string; port: number } {
  const [, name = host, port = '5432'] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(host) ?? [];
  return { host: name, port: Number(port) };
}

/**
 * Without `tls_config` the connection is plain.
 * @param own the client certificate to show instead of the one for all of the server
 */
export function tlsOf(config: SqlServer['tls_config'], own?: ClientCertificate): false | Tls {
  if (!config || config.disabled) return false;
  const shown = own ?? config.client_cert;
  return {
    rejectUnauthorized: !config.disable_ca_validation,
    ...(config.ca && { ca: config.ca }),
    ...(shown && { cert: shown.cert, key: resolveEnv(shown.key, 'the key of a client certificate') }),
    ...(config.disable_tls_hostname_verification && { checkServerIdentity: () => undefined }),
  };
}

/** Waiting longer for a connection means that there is none to be had. */
const connectionTimeoutMillis = 30_000;

/** How many connections a pool may have and keeps. */
export interface PoolOptions {
  max: number;
  min: number;
  /** A statement that each connection begins with. Not options of the connection itself, which poolers such as PgBouncer refuse. */
  first?: string;
}

/** The driver is loaded here, so that an application without a database never loads it. */
export async function openPool(server: Server, { first, ...pooling }: PoolOptions): Promise<Pool> {
  const [{ default: pg }, { types }] = await Promise.all([import('pg'), import('./types.ts')]);
  const pool = new pg.Pool({
    ...server,
    ...pooling,
    types,
    connectionTimeoutMillis,
    keepAlive: true,
    // Nothing but a server, or work that is being done, keeps a process from ending.
    allowExitOnIdle: true,
    ...(first !== undefined && { onConnect: (client: ClientBase) => client.query(first).then(() => {}) }),
  });
  // A lost connection fails the query that runs on it; without listeners it would end the process instead.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** One connection of its own, not yet connected. */
export async function openClient(server: Server): Promise<Client> {
  const [{ default: pg }, { types }] = await Promise.all([import('pg'), import('./types.ts')]);
  return new pg.Client({ ...server, types, connectionTimeoutMillis, keepAlive: true });
}
