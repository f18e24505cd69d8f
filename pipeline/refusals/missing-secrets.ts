import { UserError } from '../../analyzer/diagnostic.ts';
import type { Diagnostic } from '../../analyzer/mod.ts';
import type { Plan } from '../plan.ts';
import type { Reporter } from '../ports.ts';

/** @throws UserError FL4010 with one diagnostic for each of the secrets that have no value */
export function refuseMissingSecrets({ environment, release }: Plan, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const { name: env, type } = environment;
  throw new UserError(
    missing.map((name): Diagnostic => {
      const position = release.content.graph.secrets.find((one) => one.name === name)?.position;
      return {
        code: 'FL4010',
        severity: 'error',
        message: `the secret ${name} has no value in ${env}`,
        help: `Run fairlead secret set ${name} --type ${type}, or --env ${env} for this environment alone.`,
        ...(position && { position }),
      };
    }),
  );
}

/** On a developer's machine a secret without a value is empty, and no reason to stop. */
export function warnOfMissingSecrets(missing: readonly string[], report: Pick<Reporter, 'warn'>): void {
  for (const name of missing) {
    const remedy = `Add "${name}": "…" to .secrets.local.json, or run fairlead secret set ${name} --type local.`;
    report.warn(`FL4010: the secret ${name} has no value here and is empty. ${remedy}`);
  }
}
