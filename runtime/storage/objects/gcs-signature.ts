import { crypto } from '../../node.ts';

/** Who signs in the name of a service account: with its key, or by asking Google's IAM. */
export interface Signer {
  getCredentials(): Promise<{ client_email?: string | undefined }>;
  /** Base64 of RSA over the SHA-256 of the text. */
  sign(text: string): Promise<string>;
}

export interface UrlToSign {
  method: 'GET' | 'PUT';
  endpoint: string;
  bucket: string;
  name: string;
  /** Seconds. */
  ttl: number;
  now: Date;
}

/**
 * A URL that gives or takes the object for a time: V4 of Google's signatures.
 * @throws Error where the process has no service account
 */
export async function signUrl(
  signer: Signer,
  { method, endpoint, bucket, name, ttl, now }: UrlToSign,
): Promise<string> {
  const { client_email: account } = await signer.getCredentials();
  if (!account) throw new Error(`bucket ${bucket}: only a service account signs URLs, and this process runs as none`);
  const { host } = new URL(endpoint);
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/auto/storage/goog4_request`;
  const path = `/${bucket}/${name.split('/').map(escaped).join('/')}`;
  const query = [
    ['X-Goog-Algorithm', 'GOOG4-RSA-SHA256'],
    ['X-Goog-Credential', `${account}/${scope}`],
    ['X-Goog-Date', time],
    ['X-Goog-Expires', `${ttl}`],
    ['X-Goog-SignedHeaders', 'host'],
  ]
    .map(([key = '', value = '']) => `${key}=${escaped(value)}`)
    .join('&');
  const request = [method, path, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = crypto.createHash('sha256').update(request).digest('hex');
  const signature = await signer.sign(['GOOG4-RSA-SHA256', time, scope, digest].join('\n'));
  return `${endpoint}${path}?${query}&X-Goog-Signature=${Buffer.from(signature, 'base64').toString('hex')}`;
}

/** Everything but the unreserved characters of RFC 3986. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
