import { posix } from 'node:path';

/** Names of files that are made to hold what must not be known, whatever is in them. */
const names: readonly RegExp[] = [
  /^\.env(\..+|rc)?$/,
  /^\.secrets\.local\./,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /\.(key|p12|pfx|jks|keystore|ppk|kdbx|tfstate|tfvars)$/,
  /^(\.netrc|_netrc|\.pgpass|\.git-credentials|\.htpasswd|\.dockercfg|\.vault-token|kubeconfig)$/,
  /^(application_default_)?credentials(\.json)?$/,
  /^service[-_]?account([-_]?key)?\.json$/,
];

/** Files that are made to be shown, though their names begin like those above. */
const samples = /^\.env\.(example|sample|template|dist|defaults)$/;

const directories: readonly RegExp[] = [/(^|\/)\.(ssh|aws|gnupg|kube|azure)\//, /(^|\/)\.docker\/config\.json$/];

/** Files that hold secrets only sometimes: by name, whether their text has one. */
const texts: readonly { name: RegExp; secret: (text: string) => boolean }[] = [
  { name: /^\.npmrc$/, secret: (text) => /(_authToken|_auth|_password)\s*=(?!\s*\$\{)/.test(text) },
  { name: /^\.yarnrc\.yml$/, secret: (text) => /npmAuth(Token|Ident)\s*:(?!\s*["']?\$\{)/.test(text) },
  { name: /^(\.pypirc|pip\.conf)$/, secret: (text) => /password|:\/\/[^/\s]+@/.test(text) },
  { name: /\.pem$/, secret: (text) => text.includes('PRIVATE KEY-----') || !text.includes('-----BEGIN ') },
];

/**
 * Whether a file looks as if it held a secret: by its name, and for names that say too little (`.npmrc`, `*.pem`) by
 * its text. A `.pem` with nothing but certificates or public keys holds none.
 * @param read gives the beginning of the file's text; asked only when the name does not decide
 */
export async function looksSecret(path: string, read: () => Promise<string>): Promise<boolean> {
  const name = posix.basename(path).toLowerCase();
  if (samples.test(name)) return false;
  if (names.some((pattern) => pattern.test(name)) || directories.some((pattern) => pattern.test(path))) return true;
  const doubtful = texts.find((text) => text.name.test(name));
  return doubtful?.secret(await read()) ?? false;
}
