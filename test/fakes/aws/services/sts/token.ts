import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { AwsError } from '../../model.ts';

/** Whose tokens an identity provider of IAM stands for. */
export interface Issuer {
  /** The `iss` of its tokens, and where its configuration is: `https://token.actions.githubusercontent.com`. */
  url: string;
  /** @default the global one */
  fetch?: (url: string) => Promise<Response>;
}

export type Claims = Record<string, string | number | boolean | string[]>;

const invalid = (message: string) => new AwsError('InvalidIdentityToken', message);

/** The claims of a token, unverified, for finding its issuer. */
export function claimsOf(token: string): Claims {
  const [, payload = ''] = token.split('.');
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
}

/** "AssumeRoleWithWebIdentity": the signature is held against the keys that the issuer publishes, and the times against now. */
export async function verifyToken(token: string, { url, fetch: get = fetch }: Issuer, now: number): Promise<Claims> {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid?: string; alg?: string };
  const { keys } = await keysOf(url, get);
  const key = keys.find((one) => one.kid === kid);
  if (!key || alg !== 'RS256')
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  const genuine = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${payload}`),
    createPublicKey({ key, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );
  if (!genuine) throw invalid('The ID Token provided is not valid: its signature does not fit.');
  const claims = claimsOf(token);
  if (Number(claims.exp) * 1000 <= now)
    throw new AwsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${claims.exp}`,
    );
  return claims;
}

type Key = JsonWebKey & { kid?: string };

async function keysOf(url: string, get: NonNullable<Issuer['fetch']>): Promise<{ keys: Key[] }> {
  try {
    const configuration = await get(`${url}/.well-known/openid-configuration`);
    const { jwks_uri } = (await configuration.json()) as { jwks_uri: string };
    return (await (await get(jwks_uri)).json()) as { keys: Key[] };
  } catch {
    throw new AwsError('IDPCommunicationError', "Couldn't retrieve verification key from your identity provider");
  }
}
