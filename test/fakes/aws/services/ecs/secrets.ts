import type { Secret } from '@aws-sdk/client-ecs';
import { StopError } from '../../containers/model.ts';
import { wordsOf } from '../../containers/pull.ts';
import { AwsError, type World } from '../../model.ts';
import { type Caller, callAs } from '../as-role.ts';

const unable =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve';

/**
 * The values of secrets, by the names of their variables. ECS Developer Guide, "Pass sensitive data to an Amazon ECS container": of Secrets
 * Manager `arn:…:secret:name-AbCdEf:json-key:version-stage:version-id`, of Systems Manager the name or the ARN of a parameter.
 * @throws StopError in the words that a task stops with
 */
export async function resolveSecrets(
  world: World,
  by: Caller,
  secrets: readonly Secret[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { name = '', valueFrom = '' } of secrets)
    found[name] = valueFrom.startsWith('arn:aws:secretsmanager:')
      ? await fromSecretsManager(world, by, valueFrom)
      : await fromParameters(world, by, valueFrom);
  return found;
}

async function fromSecretsManager(world: World, by: Caller, valueFrom: string): Promise<string> {
  const parts = valueFrom.split(':');
  const arn = parts.slice(0, 7).join(':');
  const [key, stage, version] = parts.slice(7);
  const text = await fetched(world, by, arn, {
    SecretId: arn,
    ...(stage && { VersionStage: stage }),
    ...(version && { VersionId: version }),
  });
  if (!key) return text;
  const value = fieldOf(text, key);
  if (value === undefined)
    throw new StopError(
      `${unable} secret from asm: retrieved secret from Secrets Manager did not contain json key ${key}`,
    );
  return value;
}

async function fetched(world: World, by: Caller, arn: string, input: object): Promise<string> {
  try {
    const { SecretString = '' } = await callAs(world, by, 'secretsmanager', 'GetSecretValue', input);
    return SecretString;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StopError(
      `${unable} secret from asm: service call has been retried 1 time(s): failed to fetch secret ${arn} from secrets manager: ${wordsOf(error)}`,
    );
  }
}

function fieldOf(text: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown>)[key];
    return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

async function fromParameters(world: World, by: Caller, valueFrom: string): Promise<string> {
  const name = valueFrom.startsWith('arn:')
    ? valueFrom.slice(valueFrom.indexOf(':parameter') + ':parameter'.length)
    : valueFrom;
  try {
    const { Parameters = [] } = await callAs(world, by, 'ssm', 'GetParameters', {
      Names: [name],
      WithDecryption: true,
    });
    if (Parameters[0]) return Parameters[0].Value;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StopError(`${unable} secrets from ssm: service call has been retried 1 time(s): ${wordsOf(error)}`);
  }
  throw new StopError(
    `${unable} secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: ${name}`,
  );
}
