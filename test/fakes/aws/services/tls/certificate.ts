import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Signs itself, for `127.0.0.1` and `localhost`: whoever checks a database or a cache of the fake has to trust this file. */
export const certificateFile: string = join(import.meta.dirname, 'certificate.pem');

/** What a server of TLS shows. */
export function ownCertificate(): { key: string; cert: string } {
  const read = (file: string) => readFileSync(file, 'utf8');
  return { key: read(join(import.meta.dirname, 'key.pem')), cert: read(certificateFile) };
}
