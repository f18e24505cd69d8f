import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** One connection: text messages of less than 64 KiB, in single frames. */
export interface Peer {
  request: IncomingMessage;
  send(text: string): void;
  close(code: number, reason?: string): void;
}

/** As much of RFC 6455 as a test of a client needs. */
export function serveWebSockets(
  server: Server,
  open: (peer: Peer) => void,
  message: (peer: Peer, text: string) => void,
): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: encore-ws\r\n\r\n`,
    );
    const peer: Peer = {
      request,
      send: (text) => void socket.write(frame(1, Buffer.from(text))),
      close(code, reason = '') {
        const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
        payload.writeUInt16BE(code);
        payload.write(reason, 2);
        socket.end(frame(8, payload));
      },
    };
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (let read = readFrame(rest); read; read = readFrame(rest)) {
        rest = rest.subarray(read.length);
        if (read.opcode === 8) socket.end(frame(8, read.payload));
        else if (read.opcode === 1) message(peer, read.payload.toString());
      }
    });
    open(peer);
  });
}

function frame(opcode: number, payload: Buffer): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = 0x80 | opcode;
  head[1] = long ? 126 : payload.length;
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** The first frame of a client, unmasked; undefined until all of it is there. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = bytes[1]! & 0x7f;
  const start = short === 126 ? 4 : 2;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const length = start + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, length).map((byte, index) => byte ^ mask[index % 4]!));
  return { opcode: bytes[0]! & 0xf, payload, length };
}
