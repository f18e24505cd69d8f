/** The host of an environment. */
export function hostName(domain: string, environment: string): string {
  return environment === 'production' ? domain : `${environment}.${domain}`;
}

/** The host at which a new release of an environment answers alone. */
export function canaryHostName(domain: string, environment: string): string {
  return `canary-${environment}.${domain}`;
}
