import {
  AwsError,
  type Operation,
  type Properties,
  type ResourceContext,
  type ResourceProvider,
  type World,
} from '../../model.ts';
import { generatedName, tagList, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { SecretsManager } from './model.ts';
import { type PasswordOptions, randomPassword } from './password.ts';

type Run = Record<string, Operation>;

interface Generate extends PasswordOptions {
  SecretStringTemplate?: string;
  GenerateStringKey?: string;
}

/** CloudFormation User Guide, `AWS::SecretsManager::Secret` and `AWS::SecretsManager::SecretTargetAttachment`. */
export function secretResources(
  world: World,
  manager: () => SecretsManager,
  run: Run,
): Record<string, ResourceProvider> {
  const value = ({ SecretString, GenerateSecretString }: Properties): string | undefined =>
    GenerateSecretString ? generated(world, GenerateSecretString) : SecretString;
  const tagsFor = (properties: Properties, context: ResourceContext) =>
    tagList(tagsOf(properties, context)).filter(({ Key }) => !Key.startsWith('aws:'));

  return {
    'AWS::SecretsManager::Secret': {
      latency: latencies.small,
      async create(properties, context) {
        const { Description, KmsKeyId } = properties;
        const Name = properties.Name ?? generatedName(context, world.random, 200);
        const SecretString = value(properties);
        const input = {
          Name,
          Description,
          KmsKeyId,
          Tags: tagsFor(properties, context),
          ...(SecretString !== undefined && { SecretString }),
        };
        const { ARN } = run.CreateSecret!(input, context) as { ARN: string };
        return { id: ARN, attributes: { Id: ARN } };
      },
      // A value is generated anew only when the rules for it change.
      async update(id, properties, previous, context) {
        const same = ['SecretString', 'GenerateSecretString'].every(
          (key) => JSON.stringify(properties[key]) === JSON.stringify(previous[key]),
        );
        const SecretString = same ? undefined : value(properties);
        const { Description = '', KmsKeyId } = properties;
        run.UpdateSecret!(
          { SecretId: id, Description, KmsKeyId, ...(SecretString !== undefined && { SecretString }) },
          context,
        );
        const secret = manager().find(id, context);
        if (secret)
          secret.tags = Object.fromEntries(tagsFor(properties, context).map(({ Key, Value }) => [Key, Value]));
        return { id, attributes: { Id: id } };
      },
      async delete(id, _properties, context) {
        run.DeleteSecret!({ SecretId: id, ForceDeleteWithoutRecovery: true }, context);
      },
      async read(id, context) {
        const secret = manager().find(id, context);
        if (!secret || secret.deletion !== undefined) return undefined;
        return {
          Name: secret.name,
          ...(secret.description && { Description: secret.description }),
          ...(secret.kmsKey && { KmsKeyId: secret.kmsKey }),
          Tags: tagList(secret.tags),
        };
      },
      wishes(verb, properties, context, id) {
        const resource =
          id ??
          `arn:aws:secretsmanager:${context.region}:${context.account}:secret:${properties.Name ?? `${context.stack.name}-${context.logicalId}`}-AbCdEf`;
        if (verb === 'delete') return [{ action: 'secretsmanager:DeleteSecret', resource }];
        return [
          ...(properties.GenerateSecretString ? [{ action: 'secretsmanager:GetRandomPassword', resource: '*' }] : []),
          { action: `secretsmanager:${verb === 'create' ? 'CreateSecret' : 'UpdateSecret'}`, resource },
          { action: 'secretsmanager:TagResource', resource },
        ];
      },
    },
    'AWS::SecretsManager::SecretTargetAttachment': {
      latency: latencies.small,
      async create(properties, context) {
        await attach(world, run, properties, context);
        return { id: properties.SecretId };
      },
      async update(_id, properties, _previous, context) {
        await attach(world, run, properties, context);
        return { id: properties.SecretId };
      },
      async delete() {},
      read: async (id, context) => (manager().find(id, context) ? { SecretId: id } : undefined),
      wishes: (verb, { SecretId }) =>
        verb === 'delete'
          ? []
          : ['GetSecretValue', 'PutSecretValue'].map((action) => ({
              action: `secretsmanager:${action}`,
              resource: SecretId,
            })),
    },
  };
}

/** `GenerateSecretString`: the password alone, or under a key of the template's JSON. */
function generated(world: World, { SecretStringTemplate, GenerateStringKey, ...options }: Generate): string {
  const password = randomPassword(world.random, options);
  if (!GenerateStringKey) return password;
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate ?? '{}'), [GenerateStringKey]: password });
}

/** Writes where the database is into the secret: "JSON structure of AWS Secrets Manager database credential secrets". */
async function attach(
  world: World,
  run: Run,
  { SecretId, TargetId, TargetType }: Properties,
  context: ResourceContext,
): Promise<void> {
  if (TargetType !== 'AWS::RDS::DBInstance')
    throw new AwsError(
      'InvalidRequest',
      `The fake attaches secrets to AWS::RDS::DBInstance only, not to ${TargetType}.`,
    );
  const { DBInstances } = (await world.service('rds').operations.DescribeDBInstances!(
    { DBInstanceIdentifier: TargetId },
    context,
  )) as {
    DBInstances: { Engine: string; DBName?: string; Endpoint?: { Address: string; Port: number } }[];
  };
  const [{ Engine, DBName, Endpoint } = { Engine: '' }] = DBInstances;
  const { SecretString } = (await run.GetSecretValue!({ SecretId }, context)) as { SecretString: string };
  const place = {
    engine: Engine,
    host: Endpoint?.Address,
    port: Endpoint?.Port,
    ...(DBName && { dbname: DBName }),
    dbInstanceIdentifier: TargetId,
  };
  run.PutSecretValue!({ SecretId, SecretString: JSON.stringify({ ...JSON.parse(SecretString), ...place }) }, context);
}
