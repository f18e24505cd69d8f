import type { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { mean } from '../draft.ts';
import { secretsmanager } from '../library.ts';
import type { Meaning } from '../model.ts';
import type { Scope } from './scope.ts';

/** What a container gets in its environment when it starts. */
export interface SecretVariable {
  name: string;
  /** What ECS reads it from: the ARN, or `ARN:key:stage:version`. */
  valueFrom: string;
  /** The ARN alone. */
  arn: string;
}

/** A text that nobody has to know, made where it is kept. */
export function generatedSecret(scope: Scope, id: string, parts: string[], meaning: Meaning): CfnSecret {
  return mean(
    scope,
    new secretsmanager.CfnSecret(scope.scope, id, {
      name: scope.name('secret', 'generated', ...parts),
      description: `Fairlead: ${meaning.subject}`,
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    }),
    meaning,
  );
}

/** The variable that holds the value of a secret of the application. */
export function secretVariable(name: string): string {
  return `FAIRLEAD_SECRET_${name}`;
}

/** The secrets of the application that a process reads and that have a value; none of them when the plan is isolated. */
export function secretsOf(
  { input: { plan, secrets } }: Scope,
  process: string,
): (SecretVariable & { secret: string })[] {
  if (plan.isolated) return [];
  return plan.secrets.flatMap(({ name, processes }) => {
    const known = secrets[name];
    if (!known || !processes.includes(process)) return [];
    const { arn, version } = known;
    return [{ secret: name, name: secretVariable(name), valueFrom: `${arn}:::${version}`, arn }];
  });
}
