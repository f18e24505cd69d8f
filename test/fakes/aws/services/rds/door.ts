import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ownCertificate } from '../tls/certificate.ts';

/** PostgreSQL, "Message formats": SSLRequest is eight bytes, the length and this code. */
const sslRequest = 80_877_103;

export interface Door {
  port: number;
  close(): void;
}

export interface DoorOptions {
  /** Starts the server behind it at the first connection. */
  open(): Promise<{ host: string; port: number }>;
  /** Whether connections without TLS are refused: `rds.force_ssl`. */
  forceTls(): boolean;
}

/** The endpoint of a DB instance: TLS ends here, and a real PostgreSQL without it is behind. */
export async function openDatabaseDoor(options: DoorOptions): Promise<Door> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    void enter(socket, options).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function enter(socket: Socket, { open, forceTls }: DoorOptions): Promise<void> {
  const first = await head(socket);
  const wantsTls = first.length >= 8 && first.readUInt32BE(4) === sslRequest;
  if (!wantsTls && forceTls()) {
    socket.end(refusal('28000', 'no pg_hba.conf entry for host "127.0.0.1", no encryption'));
    return;
  }
  let inner: Socket = socket;
  if (wantsTls) {
    socket.write('S');
    inner = new TLSSocket(socket, { isServer: true, ...ownCertificate() });
    inner.on('error', () => socket.destroy());
  }
  const { host, port } = await open();
  const behind = connect(port, host);
  behind.on('error', () => inner.destroy());
  behind.on('close', () => inner.destroy());
  inner.on('close', () => behind.destroy());
  if (!wantsTls) behind.write(first);
  inner.pipe(behind).pipe(inner);
}

function head(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) =>
    socket.once('data', (data: Buffer) => {
      socket.pause();
      resolve(data);
    }),
  );
}

/** An ErrorResponse of the protocol: severity, SQLSTATE, message. */
function refusal(sqlstate: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0M${message}\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from('E'), length, fields]);
}
