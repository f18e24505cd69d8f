import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from './message.ts';

/** What a request says about who signed it, in its head or, presigned, in its query. */
export interface Signature {
  accessKeyId: string;
  /** `20261102/us-east-1/sqs/aws4_request` */
  scope: string;
  region: string;
  /** The name of the service it was signed for. */
  service: string;
  signedHeaders: string[];
  signature: string;
  date: string;
  sessionToken?: string;
  presigned: boolean;
}

const headerForm =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/;

/** Undefined when it is not signed. */
export function signatureOf({ headers, query }: WireRequest): Signature | undefined {
  const found = headerForm.exec(headers.authorization ?? '');
  if (found) {
    const [, key = '', scope = '', signed = '', signature = ''] = found;
    const token = headers['x-amz-security-token'];
    return make(key, scope, signed, signature, headers['x-amz-date'] ?? '', token, false);
  }
  const credential = query.get('X-Amz-Credential');
  if (!credential) return undefined;
  const [key = '', ...scope] = credential.split('/');
  const [signed, signature, date] = ['SignedHeaders', 'Signature', 'Date'].map(
    (one) => query.get(`X-Amz-${one}`) ?? '',
  );
  const token = query.get('X-Amz-Security-Token') ?? undefined;
  return make(key, scope.join('/'), signed!, signature!, date!, token, true);
}

function make(
  accessKeyId: string,
  scope: string,
  signed: string,
  signature: string,
  date: string,
  sessionToken: string | undefined,
  presigned: boolean,
): Signature {
  const [, region = '', service = ''] = scope.split('/');
  const common = { accessKeyId, scope, region, service, signedHeaders: signed.split(';'), signature, date, presigned };
  return { ...common, ...(sessionToken && { sessionToken }) };
}

/** "Create a signed AWS API request": whether the signature is the one that the secret key makes. */
export function isGenuine(request: WireRequest, signature: Signature, secretAccessKey: string): boolean {
  const { scope, date } = signature;
  const canonical = canonicalRequest(request, signature);
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer | string>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${secretAccessKey}`,
    );
  const expected = createHmac('sha256', key).update(text).digest();
  const given = Buffer.from(signature.signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

function canonicalRequest(request: WireRequest, { service, signedHeaders, presigned }: Signature): string {
  const { method, path, query, headers, raw } = request;
  // Every service but S3 has its path encoded twice.
  const uri = service === 's3' ? path : path.split('/').map(encode).join('/');
  const pairs = [...query].filter(([name]) => !(presigned && name === 'X-Amz-Signature'));
  const sorted = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const lines = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const hash = presigned && service === 's3' ? 'UNSIGNED-PAYLOAD' : (headers['x-amz-content-sha256'] ?? sha256(raw));
  return [method, uri || '/', sorted.join('&'), lines.join(''), signedHeaders.join(';'), hash].join('\n');
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
