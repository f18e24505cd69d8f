import type { Call, Wish, World } from '../../model.ts';
import type { Secret, SecretsManager } from './model.ts';
import { findSecret, secretOperations } from './operations.ts';
import { secretResources } from './resources.ts';

export function createSecretsManager(world: World): SecretsManager {
  const secrets = new Map<string, Secret>();
  const operations = secretOperations(world, secrets);
  const manager: SecretsManager = {
    id: 'secretsmanager',
    secrets,
    operations,
    resources: secretResources(world, () => manager, operations),
    find: (id, call) => findSecret(world, secrets, id, call),
    authorize: wishesOf,
    policyOf: (arn) => secrets.get(arn)?.policy,
    *tagged() {
      for (const { arn, tags } of secrets.values()) if (Object.keys(tags).length > 0) yield { arn, tags };
    },
  };

  /** "Actions, resources, and condition keys for AWS Secrets Manager". */
  function wishesOf(operation: string, input: Input, call: Call): Wish[] {
    const action = `secretsmanager:${operation}`;
    const id = input.SecretId ?? input.Name;
    if (!id) return [{ action, resource: '*' }];
    const secret = manager.find(id, call);
    const asked = (input.Tags ?? []).map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value]);
    const there = Object.entries(secret?.tags ?? {}).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`secretsmanager:ResourceTag/${key}`, value],
    ]);
    const context = {
      'secretsmanager:Name': secret?.name ?? id,
      ...(input.VersionStage && { 'secretsmanager:VersionStage': input.VersionStage }),
      ...(input.ForceDeleteWithoutRecovery !== undefined && {
        'secretsmanager:ForceDeleteWithoutRecovery': String(input.ForceDeleteWithoutRecovery),
      }),
      ...Object.fromEntries([...asked, ...there]),
    };
    // The last six characters of one that is not there yet nobody knows.
    const unknown = id.startsWith('arn:')
      ? id
      : `arn:aws:secretsmanager:${call.region}:${call.account}:secret:${id}-AbCdEf`;
    const wish = { action, resource: secret?.arn ?? unknown, context };
    return operation === 'CreateSecret' && input.Tags?.length
      ? [wish, { ...wish, action: 'secretsmanager:TagResource' }]
      : [wish];
  }

  return manager;
}

interface Input {
  SecretId?: string;
  Name?: string;
  VersionStage?: string;
  ForceDeleteWithoutRecovery?: boolean;
  Tags?: { Key: string; Value: string }[];
}
