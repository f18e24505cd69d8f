import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Who signs tokens as Google does, and says its keys as Google does. */
export interface TokenIssuer {
  /** Variables of a process that takes its keys for Google's. */
  env: Record<string, string>;
  /** A token of these claims, for whoever has no others: valid now, for an hour. */
  sign(claims: Record<string, unknown>, options?: { kid?: string; key?: KeyObject; alg?: string }): string;
  stop(): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = JSON.stringify({ one: publicKey.export({ type: 'spki', format: 'pem' }) });
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=3600' }).end(keys);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/certs`;
  return {
    env: { FAIRLEAD_GOOGLE_KEYS_URL: url, PUBSUB_EMULATOR_HOST: '127.0.0.1:1' },
    sign(claims, { kid = 'one', key = privateKey, alg = 'RS256' } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: 'https://accounts.google.com', iat: now, exp: now + 3600, email_verified: true };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ alg, kid, typ: 'JWT' })}.${part({ ...usual, ...claims })}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
