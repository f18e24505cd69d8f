import { AwsError, type Call } from '../../model.ts';
import type { Api } from './api.ts';
import { isFromStore, type ParameterInput, takeParameters } from './parameters.ts';
import { checkReferences } from './references.ts';
import { constraint, invalid } from './refusals.ts';
import { parameter } from './secrets.ts';
import type { DeploymentConfig, Settings } from './stack.ts';
import {
  checkTransforms,
  limits,
  neededCapability,
  type ParameterDeclaration,
  parseTemplate,
  type TemplateDocument,
} from './template.ts';

export interface TemplateInput {
  TemplateBody?: string;
  TemplateURL?: string;
  UsePreviousTemplate?: boolean;
}

export interface SettingsInput extends TemplateInput {
  Parameters?: ParameterInput[];
  Tags?: { Key: string; Value: string }[];
  Capabilities?: string[];
  RoleARN?: string;
  NotificationARNs?: string[];
  DisableRollback?: boolean;
  OnFailure?: string;
  DeploymentConfig?: DeploymentConfig;
  TimeoutInMinutes?: number;
  RetainExceptOnCreate?: boolean;
}

/** What a request wants a stack to be; what it does not say stays as before. */
export async function takeSettings(api: Api, call: Call, input: SettingsInput, previous?: Settings): Promise<Settings> {
  const { body, template } = await takeTemplate(api, call, input, previous);
  checkReferences(template);
  const parameters = takeParameters(template, input.Parameters ?? [], previous?.parameters);
  const resolved = await fromStore(api, call, template, parameters);
  const capabilities = input.Capabilities ?? [];
  checkCapabilities(template, capabilities);
  const role = input.RoleARN ?? previous?.role;
  const config = input.DeploymentConfig;
  if (config && (input.DisableRollback !== undefined || input.OnFailure !== undefined)) {
    throw invalid('DeploymentConfig cannot be specified together with DisableRollback or OnFailure.');
  }
  if ((input.Tags?.length ?? 0) > 50)
    throw constraint('[tags]', 'tags', 'Member must have length less than or equal to 50');
  return {
    body,
    template,
    parameters,
    resolved,
    capabilities,
    tags: input.Tags ? Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value])) : (previous?.tags ?? {}),
    notifications: input.NotificationARNs ?? previous?.notifications ?? [],
    disableRollback: disablesRollback(config, input.DisableRollback),
    ...(role && { role }),
    ...(config && { deploymentConfig: config }),
    ...(input.TimeoutInMinutes !== undefined && { timeout: input.TimeoutInMinutes }),
    ...(input.RetainExceptOnCreate !== undefined && { retainExceptOnCreate: input.RetainExceptOnCreate }),
  };
}

/** "Rollback behavior with express mode": disabled unless asked for. */
export function disablesRollback(config: DeploymentConfig | undefined, flag: boolean | undefined): boolean {
  return config?.DisableRollback ?? (config?.Mode === 'EXPRESS' ? true : (flag ?? false));
}

export async function takeTemplate(
  api: Api,
  call: Call,
  input: TemplateInput,
  previous?: Settings,
): Promise<{ body: string; template: TemplateDocument }> {
  if (input.UsePreviousTemplate) {
    if (!previous) throw invalid('There is no previous template to use.');
    return { body: previous.body, template: previous.template };
  }
  const body =
    input.TemplateURL === undefined ? inline(input.TemplateBody) : await fetched(api, call, input.TemplateURL);
  return { body, template: parseTemplate(body) };
}

function inline(body: string | undefined): string {
  if (body === undefined) throw invalid('Either Template URL or Template Body must be specified.');
  if (Buffer.byteLength(body) > limits.inline) {
    throw constraint(body, 'templateBody', `Member must have length less than or equal to ${limits.inline}`);
  }
  return body;
}

/** Of S3, by path or by host. */
async function fetched(api: Api, call: Call, url: string): Promise<string> {
  const refused = invalid(
    'S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
  );
  const { hostname, pathname } = URL.canParse(url) ? new URL(url) : { hostname: '', pathname: '' };
  const host = /^(.+)\.s3[.-]/.exec(hostname)?.[1];
  const path = decodeURIComponent(pathname.slice(1));
  const [first = ''] = path.split('/');
  const place = host ? { Bucket: host, Key: path } : { Bucket: first, Key: path.slice(first.length + 1) };
  const get = api.world.services.get('s3')?.operations.GetObject;
  if (!get || hostname === '' || !place.Key) throw invalid('TemplateURL must be a supported URL.');
  let body: string;
  try {
    body = await textOf(((await get(place, call)) as { Body?: unknown }).Body);
  } catch {
    throw refused;
  }
  if (Buffer.byteLength(body) > limits.byUrl) throw invalid(`Template may not exceed ${limits.byUrl} bytes in size.`);
  return body;
}

async function textOf(body: unknown): Promise<string> {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** "AWS Systems Manager parameter types": looked up each time a stack is created or updated. */
async function fromStore(
  api: Api,
  call: Call,
  template: TemplateDocument,
  parameters: Record<string, string>,
): Promise<Record<string, string>> {
  const names = Object.keys(parameters).filter((name) =>
    isFromStore(template.Parameters?.[name] as ParameterDeclaration),
  );
  const entries = names.map(
    async (name) => [name, await parameter(api.world, call, parameters[name] as string)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function checkCapabilities(template: TemplateDocument, given: readonly string[]): void {
  if (checkTransforms(template) && !given.includes('CAPABILITY_AUTO_EXPAND')) {
    throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_AUTO_EXPAND]');
  }
  const { capability } = neededCapability(template);
  if (capability === undefined || given.includes('CAPABILITY_NAMED_IAM')) return;
  if (capability === 'CAPABILITY_IAM' && given.includes(capability)) return;
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${capability}]`);
}
