import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for `localhost` that is its own authority, and its key, as PEM. Undefined when there is no OpenSSL. */
export function makeCertificate(): { cert: string; key: string } | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-certificate-'));
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const { status } = spawnSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert]);
    return status === 0 ? { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } : undefined;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
