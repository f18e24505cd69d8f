/** Why there was no answer, or no whole one. */
export interface NetworkFault {
  /** For people, after "HOST ". */
  reason: string;
  help: string;
  /** Whether it may go better the next time. */
  passing: boolean;
}

const again =
  'Check the network, the name and the proxy settings, and run the command again: it continues where it stopped.';
const trust = 'Give the certificate of its authority in NODE_EXTRA_CA_CERTS.';
const passing = (reason: string): NetworkFault => ({ reason, help: again, passing: true });
const lasting = (reason: string, help = again): NetworkFault => ({ reason, help, passing: false });

const faults: Record<string, NetworkFault> = {
  ECONNREFUSED: passing('refuses the connection'),
  ECONNRESET: passing('broke the connection'),
  EPIPE: passing('broke the connection'),
  UND_ERR_SOCKET: passing('broke the connection'),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: passing('broke the connection'),
  UND_ERR_RESPONSE: passing('sent half a response'),
  UND_ERR_CONNECT_TIMEOUT: passing('cannot be reached: nothing answered in time'),
  UND_ERR_HEADERS_TIMEOUT: passing('stopped answering'),
  UND_ERR_BODY_TIMEOUT: passing('stopped answering'),
  ETIMEDOUT: passing('cannot be reached: nothing answered in time'),
  EHOSTUNREACH: passing('cannot be reached from here'),
  ENETUNREACH: passing('cannot be reached from here'),
  EAI_AGAIN: passing('cannot be looked up at the moment'),
  ENOTFOUND: lasting('is not known to the name servers'),
  UND_ERR_ABORTED: lasting('cannot be reached through the proxy'),
  UND_ERR_HEADERS_OVERFLOW: lasting('sends more headers than any registry'),
  EPROTO: lasting('does not speak HTTPS', 'If it is meant to go without encryption, say so with plainHttp.'),
  ERR_SSL_WRONG_VERSION_NUMBER: lasting(
    'does not speak HTTPS',
    'If it is meant to go without encryption, say so with plainHttp.',
  ),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: lasting(
    'does not speak HTTPS',
    'If it is meant to go without encryption, say so with plainHttp.',
  ),
  CERT_HAS_EXPIRED: lasting('has a certificate that has expired', 'Renew it.'),
  ERR_TLS_CERT_ALTNAME_INVALID: lasting('has a certificate for another name', 'Use the name of the certificate.'),
  DEPTH_ZERO_SELF_SIGNED_CERT: lasting('has a certificate that it signed itself', trust),
  SELF_SIGNED_CERT_IN_CHAIN: lasting('has a certificate of an unknown authority', trust),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: lasting('has a certificate of an unknown authority', trust),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: lasting('has a certificate of an unknown authority', trust),
};

/** Undefined for what is not of the network. Nothing of the error's own text is kept: it may hold an address with a secret. */
export function networkFault(error: unknown): NetworkFault | undefined {
  const codes = chain(error).map((link) => (link as { code?: unknown }).code);
  const code = codes.find((code): code is string => typeof code === 'string');
  if (code === undefined) return undefined;
  if (code.startsWith('HPE_')) return lasting('does not speak HTTP');
  return faults[code];
}

/** An error, what caused it, and so on; of several attempts to connect, the first. */
function chain(error: unknown): object[] {
  if (typeof error !== 'object' || error === null) return [];
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  return [error, ...chain(Array.isArray(errors) ? errors[0] : undefined), ...chain(cause)];
}
