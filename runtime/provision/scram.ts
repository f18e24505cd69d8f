import { crypto } from '../node.ts';

/** As PostgreSQL itself counts. */
const iterations = 4096;

/**
 * What PostgreSQL keeps of a password with SCRAM-SHA-256 (RFC 5803), so that the password itself is in no statement, and so in no log
 * of the server. A salt makes it another one each time.
 */
export function scramVerifier(password: string, salt: Buffer = crypto.randomBytes(16)): string {
  const salted = crypto.pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = crypto.createHash('sha256').update(clientKey).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return crypto.createHmac('sha256', key).update(text).digest();
}
