import { UserError } from '../../analyzer/diagnostic.ts';
import type { Diagnostic } from '../../analyzer/mod.ts';
import type { Plan } from '../plan.ts';

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
        help:
          type === 'local'
            ? `Add ${name}: "…" to .secrets.local.cue, or run fairlead secret set ${name} --type local.`
            : `Run fairlead secret set ${name} --type ${type}, or --env ${env} for this environment alone.`,
        ...(position && { position }),
      };
    }),
  );
}
