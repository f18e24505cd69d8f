import type { Socket } from 'node:net';
import { continueSession, finalizeSession, type Session, startSession } from 'pg/lib/crypto/sasl.js';
import { authentication, firstMessage, readAuthentication, writeMessage, writeSaslInitial } from './messages.ts';

/**
 * Answers what the server asks of who begins a session, up to the message that lets it in, or refuses it.
 * @returns that message and all that came with it: what the client is to hear
 * @throws Error when the server ends the connection, or asks for what is not known
 */
export async function authenticate(server: Socket, password: string): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  let session: Session | undefined;
  for await (const chunk of server.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    for (let message = firstMessage(bytes); message; message = firstMessage(bytes)) {
      if (message.type !== 'R') return bytes;
      const { wants, data } = readAuthentication(message.body);
      if (wants === authentication.ok) return bytes;
      session = await step(server, session, { wants, data, password });
      bytes = bytes.subarray(message.length);
    }
  }
  throw new Error('the server ended the connection');
}

async function step(
  server: Socket,
  session: Session | undefined,
  { wants, data, password }: { wants: number; data: Buffer; password: string },
): Promise<Session> {
  if (wants === authentication.sasl) {
    const begun = startSession(data.toString('utf8').split('\0').filter(Boolean), null);
    server.write(writeSaslInitial(begun.mechanism, begun.response));
    return begun;
  }
  if (!session) throw new Error(`the server asks for an authentication of kind ${wants}, which is not known`);
  if (wants === authentication.saslFinal) finalizeSession(session, data.toString('utf8'));
  else {
    await continueSession(session, password, data.toString('utf8'), null);
    server.write(writeMessage('p', Buffer.from(session.response)));
  }
  return session;
}
