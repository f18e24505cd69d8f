/** What a client may begin with, by its code. */
export const codes = {
  cancel: 80_877_102,
  tls: 80_877_103,
  gss: 80_877_104,
};

/** Begins a session: the version of the protocol, and what the client asks for, such as `user` and `database`. */
export interface Startup {
  version: number;
  parameters: Map<string, string>;
}

/** The first packets of a client have a length and a code; bytes. */
const startupHead = 8;

/** Nothing that begins a session is longer: PostgreSQL takes no more either. Bytes. */
export const longestStartup = 10_000;

/** The first packet in `bytes`, the code it begins with, and how long it is; undefined while it is not complete. @throws RangeError when it cannot be one */
export function firstPacket(bytes: Buffer): { code: number; packet: Buffer } | undefined {
  if (bytes.length < startupHead) return undefined;
  const length = bytes.readInt32BE(0);
  if (length < startupHead || length > longestStartup)
    throw new RangeError('the first packet has no length that is possible');
  return bytes.length < length ? undefined : { code: bytes.readInt32BE(4), packet: bytes.subarray(0, length) };
}

/** Of a packet whose code is a version. */
export function readStartup(packet: Buffer): Startup {
  const words = packet.subarray(startupHead).toString('utf8').split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) parameters.set(words[at]!, words[at + 1]!);
  return { version: packet.readInt32BE(4), parameters };
}

export function writeStartup({ version, parameters }: Startup): Buffer {
  const body = Buffer.from(`${[...parameters].map(([name, value]) => `${name}\0${value}\0`).join('')}\0`);
  const head = Buffer.alloc(startupHead);
  head.writeInt32BE(startupHead + body.length, 0);
  head.writeInt32BE(version, 4);
  return Buffer.concat([head, body]);
}

/** The first message of a server, or of a client once its session began: a letter, and its body; undefined while it is not complete. */
export function firstMessage(bytes: Buffer): { type: string; body: Buffer; length: number } | undefined {
  if (bytes.length < 5) return undefined;
  const length = 1 + bytes.readInt32BE(1);
  if (bytes.length < length) return undefined;
  return { type: String.fromCharCode(bytes[0]!), body: bytes.subarray(5, length), length };
}

export function writeMessage(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** A refusal that ends the session, as PostgreSQL writes it. */
export function writeError(sqlstate: string, message: string, hint?: string): Buffer {
  const fields = [
    ['S', 'FATAL'],
    ['V', 'FATAL'],
    ['C', sqlstate],
    ['M', message],
    ...(hint === undefined ? [] : [['H', hint]]),
  ];
  return writeMessage('E', Buffer.from(`${fields.map(([name, value]) => `${name}${value}\0`).join('')}\0`));
}

/** Of an `R`: what the server wants next, 0 for nothing, and what it says to it. */
export function readAuthentication(body: Buffer): { wants: number; data: Buffer } {
  return { wants: body.readInt32BE(0), data: body.subarray(4) };
}

export const authentication = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 };

/** Names one mechanism of those offered, and says the first word in it. */
export function writeSaslInitial(mechanism: string, response: string): Buffer {
  const text = Buffer.from(response);
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length);
  return writeMessage('p', Buffer.concat([Buffer.from(`${mechanism}\0`), length, text]));
}
