import type { Call, Properties, World } from '../../model.ts';
import { invalid } from './refusals.ts';
import { isRecord } from './spec.ts';

const pattern = /\{\{resolve:(ssm|ssm-secure|secretsmanager):((?:[^{}]|\{(?!\{))+?)\}\}/g;

/**
 * "Get values stored in other services using dynamic references": worked out each time a resource is made or changed, and never
 * stored, so that a new value of a secret alone is no change.
 */
export async function resolveDynamic(world: World, call: Call, properties: Properties): Promise<Properties> {
  return (await resolve(world, call, properties)) as Properties;
}

async function resolve(world: World, call: Call, value: unknown): Promise<unknown> {
  if (typeof value === 'string') return resolveText(world, call, value);
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolve(world, call, item)));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await resolve(world, call, inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function resolveText(world: World, call: Call, text: string): Promise<string> {
  if (!text.includes('{{resolve:')) return text;
  let result = text;
  for (const [whole, service, rest = ''] of text.matchAll(pattern)) {
    const value = service === 'secretsmanager' ? await secret(world, call, rest) : await parameter(world, call, rest);
    result = result.replace(whole, () => value);
  }
  return result;
}

/** `NAME` or `NAME:VERSION`. */
export async function parameter(world: World, call: Call, reference: string): Promise<string> {
  const get = world.services.get('ssm')?.operations.GetParameter;
  const refused = invalid(`Unable to fetch parameters [${reference}] from parameter store for this account.`);
  if (!get) throw refused;
  try {
    const answer = (await get({ Name: reference, WithDecryption: true }, call)) as { Parameter?: { Value?: string } };
    return answer.Parameter?.Value ?? '';
  } catch {
    throw refused;
  }
}

/** `ID:SecretString:KEY:STAGE:VERSION`; the id may be an ARN, which has seven parts itself. */
async function secret(world: World, call: Call, reference: string): Promise<string> {
  const parts = reference.split(':');
  const size = parts[0] === 'arn' ? 7 : 1;
  const SecretId = parts.slice(0, size).join(':');
  const [, key, VersionStage, VersionId] = parts.slice(size);
  const get = world.services.get('secretsmanager')?.operations.GetSecretValue;
  if (!get) throw invalid("Secrets Manager can't find the specified secret.");
  const input = { SecretId, ...(VersionStage && { VersionStage }), ...(VersionId && { VersionId }) };
  const { SecretString = '' } = (await get(input, call)) as { SecretString?: string };
  if (!key) return SecretString;
  const value = asJson(SecretString)?.[key];
  if (value === undefined) throw invalid(`Could not find a value associated with JSONKey in SecretString`);
  return String(value);
}

function asJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
