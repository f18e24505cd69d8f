/** Variables of clouds, of the workflow that runs us, and our own. */
const prefixes = ['AWS_', 'AZURE_', 'ARM_', 'GOOGLE_', 'GCLOUD_', 'GCP_', 'CLOUDSDK_', 'ACTIONS_', 'FAIRLEAD_'];

/** What lends somebody's rights without being a secret itself. */
const names = new Set([
  ...['KUBECONFIG', 'SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'GPG_AGENT_INFO', 'DOCKER_CONFIG', 'NETRC'],
  // Files by which a step of a workflow speaks to those that come after it, which may have credentials.
  ...['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT', 'GITHUB_STATE'],
]);

/** Parts of names: `NPM_TOKEN`, `PGPASSWORD`, `npm_config_//registry.example/:_authToken`. */
const telling =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|_AUTH(?!OR)|PRIVATE_?KEY|ACCESS_?KEY|API_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY/i;

/** `postgres://user:password@host/…` */
const urlWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@]*:[^\s/@]+@/i;

const proxies = /^(https?|all)_proxy$/i;

/**
 * The variables that are no credentials, as far as names and values tell. Proxies stay, with their passwords, since
 * nothing can be fetched without them.
 */
export function withoutCredentials(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isCredential(entry[0], entry[1]),
  );
  return Object.fromEntries(kept);
}

function isCredential(name: string, value: string): boolean {
  const upper = name.toUpperCase();
  if (prefixes.some((prefix) => upper.startsWith(prefix)) || names.has(upper) || telling.test(name)) return true;
  return urlWithPassword.test(value) && !proxies.test(name);
}
