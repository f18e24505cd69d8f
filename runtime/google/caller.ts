import { OAuth2Client, type TokenPayload } from 'google-auth-library';
import log from '../log/mod.ts';

/** Who a token of Google is to be from, and for. */
export interface ExpectedCaller {
  /** The e-mail address of a service account. */
  email: string;
  audience: string;
}

const issuers = ['https://accounts.google.com', 'accounts.google.com'];

let keys: OAuth2Client | undefined;

/**
 * Whether the header `authorization` has a token that Google signed for this audience, and for this service account. Google's keys
 * are kept for as long as Google says.
 * @throws Error when Google's keys cannot be had
 */
export async function isCalledBy(
  authorization: string | undefined,
  { email, audience }: ExpectedCaller,
): Promise<boolean> {
  const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? [];
  // Without these two the library would hold the token to nothing.
  if (token === undefined || audience === '' || email === '') return false;
  const claims = await claimsOf(token, audience);
  return claims?.email_verified === true && claims.email === email;
}

async function claimsOf(token: string, audience: string): Promise<TokenPayload | undefined> {
  keys ??= openKeys();
  const { certs } = await keys.getFederatedSignonCerts();
  try {
    const ticket = await keys.verifySignedJwtWithCertsAsync(token, certs, audience, issuers);
    return ticket.getPayload();
  } catch (error) {
    // What comes after the colon may be the token.
    log.warn(`a call of Google was refused: ${(error as Error).message.split(':')[0]}`);
    return undefined;
  }
}

/** Keys of others are for tests: they count only where messages come from an emulator, too. */
function openKeys(): OAuth2Client {
  const { FAIRLEAD_GOOGLE_KEYS_URL: url, PUBSUB_EMULATOR_HOST: emulator } = process.env;
  if (!url || !emulator) return new OAuth2Client();
  return new OAuth2Client({
    endpoints: { oauth2FederatedSignonPemCertsUrl: url, oauth2FederatedSignonJwkCertsUrl: url },
  });
}
