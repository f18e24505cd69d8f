/**
 * What a hook gets of the user's environment. A list of what is harmless, since no list of what is not can be complete:
 * anybody may call a credential anything.
 */
const names = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TMPDIR', 'TMP', 'TEMP', 'TZ', 'LANG', 'LANGUAGE'],
  ...['CI', 'NO_COLOR', 'FORCE_COLOR', 'SOURCE_DATE_EPOCH'],
  ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_ENV_PROXY'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
  // Without these the programs that they are of are not found, or not the chosen ones.
  ...['COREPACK_HOME', 'NVM_DIR', 'PNPM_HOME', 'VOLTA_HOME'],
]);

/** Locales, directories, and settings of npm. Those for one registry, which have its credentials, have a `/` in their names. */
const families = /^(LC_[A-Z]+|XDG_[A-Z_]+|NPM_CONFIG_[A-Z_-]+)$/;

/** Settings of npm that prove who one is. */
const telling = /AUTH|TOKEN|PASSWORD|SECRET|USERNAME|OTP|KEY|CERT$/;

const proxies = /PROXY$/;

/** `https://token@host`, `jdbc:postgresql://user:pass/word@host`; not `file:///node_modules/@scope/name`. */
const userInfo = /(?<!\bfile):\/\/\S*@/i;

const header = /^\s*(authorization\s*:|(bearer|basic)\s)/i;

/** The variables of an environment that a build hook may know: those that say how programs run here, and prove nothing. */
export function hookEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isHarmless(entry[0], entry[1]),
  );
  return Object.fromEntries(kept);
}

function isHarmless(name: string, value: string): boolean {
  const upper = name.toUpperCase();
  if (!names.has(upper) && !families.test(upper)) return false;
  if (upper.startsWith('NPM_') && telling.test(upper)) return false;
  if (userInfo.test(value) || header.test(value)) return false;
  // A proxy may be written without a scheme.
  return !(proxies.test(upper) && value.includes('@'));
}
