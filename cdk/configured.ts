import type { Config } from '../pipeline/mod.ts';

/** Where in AWS everything is, as far as fairlead.json says. */
export function placeIn({ aws }: Pick<Config, 'aws'>): { region?: string; account?: string } {
  const { region, account } = aws;
  return { ...(region !== undefined && { region }), ...(account !== undefined && { account }) };
}

/** Environments whose images never expire, by what fairlead.json says of them. */
export function lastingNamesIn({ environments }: Pick<Config, 'environments'>): string[] {
  return Object.keys(environments).filter((name) => name !== 'preview' && name !== 'development');
}

/** What releases may lie on besides the kit's own, by what fairlead.json says. */
export function trustedBasesIn({ build: { base } }: Pick<Config, 'build'>): string[] {
  return base === undefined || base === 'scratch' ? [] : [base];
}
