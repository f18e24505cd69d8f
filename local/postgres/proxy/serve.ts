import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { DatabaseAddress } from '../../database-access.ts';
import { authenticate } from './authenticate.ts';
import { codes, firstPacket, readStartup, type Startup, writeError, writeStartup } from './messages.ts';

export interface ProxyOptions {
  /** On the loopback interface; 0 for any. */
  port: number;
  /** What there is, asked for each session: a database may be made anew meanwhile. */
  databases(): Promise<readonly DatabaseAddress[]>;
}

export interface DatabaseProxy {
  port: number;
  stop(): Promise<void>;
}

/** How long a client may take to say what it wants. Milliseconds. */
const patience = 10_000;

/**
 * Leads to databases without their credentials: whatever user and password a client gives, it is let in as the owner. Databases have
 * the names of the application. What follows the beginning of a session is passed on as it is.
 * @throws Error with the code EADDRINUSE when the port is taken
 */
export async function serveProxy({ port, databases }: ProxyOptions): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // Whatever breaks one of the two ends the other; nobody is left to be told.
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    return socket;
  };
  const open = async (address: DatabaseAddress): Promise<Socket> => {
    const socket = keep(connect(address.port, address.host));
    socket.setNoDelay(true);
    await once(socket, 'connect');
    return socket;
  };
  const listener = createServer({ noDelay: true }, (client) => {
    keep(client);
    lead(client, databases, open).catch((error: Error) => {
      client.end(writeError('08006', `the database cannot be reached: ${error.message}`));
    });
  });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    async stop() {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function lead(
  client: Socket,
  databases: ProxyOptions['databases'],
  open: (address: DatabaseAddress) => Promise<Socket>,
): Promise<void> {
  const begun = await beginning(client);
  if (!begun) return;
  const known = await databases();
  if ('cancel' in begun) {
    // Which session is meant, its key tells; all are on one server.
    const [any] = known;
    if (any) (await open(any)).end(begun.cancel);
    client.end();
    return;
  }
  const { startup, rest } = begun;
  const wanted = startup.parameters.get('database') ?? startup.parameters.get('user') ?? '';
  const address = known.find(({ name, database }) => name === wanted || database === wanted);
  if (!address) {
    const names = known.map(({ name }) => name).join(', ');
    client.end(writeError('3D000', `there is no database ${wanted}`, names === '' ? undefined : `There is ${names}.`));
    return;
  }
  const server = await open(address);
  // It may have gone meanwhile.
  if (client.destroyed) return void server.destroy();
  client.once('close', () => server.destroy());
  server.write(writeStartup(withCredentials(startup, address)));
  client.write(await authenticate(server, address.password));
  server.once('close', () => client.destroy());
  server.write(rest);
  client.pipe(server);
  server.pipe(client);
}

function withCredentials({ version, parameters }: Startup, { user, database }: DatabaseAddress): Startup {
  return { version, parameters: new Map([...parameters, ['user', user], ['database', database]]) };
}

/** Reads up to what a client wants; encryption is declined, as by a server that has none. @returns undefined when it goes before */
async function beginning(client: Socket): Promise<{ startup: Startup; rest: Buffer } | { cancel: Buffer } | undefined> {
  let bytes = Buffer.alloc(0);
  const late = setTimeout(() => client.destroy(), patience);
  try {
    for await (const chunk of client.iterator({ destroyOnReturn: false })) {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      for (let first = firstPacket(bytes); first; first = firstPacket(bytes)) {
        const { code, packet } = first;
        bytes = bytes.subarray(packet.length);
        if (code === codes.cancel) return { cancel: packet };
        if (code !== codes.tls && code !== codes.gss) return { startup: readStartup(packet), rest: bytes };
        client.write('N');
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) return undefined;
    client.end(writeError('08P01', error.message));
  } finally {
    clearTimeout(late);
  }
  return undefined;
}
