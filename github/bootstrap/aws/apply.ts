import type { CloudFormationClient, CloudFormationClientConfig, Stack } from '@aws-sdk/client-cloudformation';
import type { Reporter } from '../../../pipeline/ports.ts';
import { setupError } from '../../setup-error.ts';
import { sentText, type Template } from './template.ts';

type Sdk = typeof import('@aws-sdk/client-cloudformation');

export interface StackRequest {
  name: string;
  template: Template;
  /** Whether the account has the identity provider of GitHub from elsewhere. */
  existingProvider: boolean;
  /** Brings a template to CloudFormation that is longer than what a request takes. @default it is sent as it is, and refused */
  upload?: (text: string) => Promise<{ TemplateURL: string } | { TemplateBody: string }>;
}

/** Bytes of a template that a request takes. */
const inline = 51_200;

export interface AppliedStack {
  kind: 'created' | 'updated' | 'unchanged';
  /** The template's outputs by name. */
  outputs: Record<string, string>;
}

/** How long IAM may take, in seconds; it usually takes one minute. */
const patience = 900;

/**
 * Brings the stack of the trust to its template; again changes nothing. Credentials are where the AWS tools have them.
 * @throws UserError FL6308 without credentials or rights, FL6309 when CloudFormation refuses
 */
export async function applyStack(
  request: StackRequest,
  config: CloudFormationClientConfig,
  report: Reporter,
): Promise<AppliedStack> {
  const sdk = await import('@aws-sdk/client-cloudformation');
  const client = new sdk.CloudFormationClient(config);
  try {
    const kind = await report.step(`Bring the stack ${request.name} to its template`, () =>
      converge(sdk, client, request),
    );
    const { Outputs = [] } = (await describe(sdk, client, request.name)) ?? {};
    return { kind, outputs: Object.fromEntries(Outputs.map((one) => [one.OutputKey ?? '', one.OutputValue ?? ''])) };
  } catch (error) {
    throw translated(error, request.name);
  } finally {
    client.destroy();
  }
}

async function converge(
  sdk: Sdk,
  client: CloudFormationClient,
  { name, template, existingProvider, upload }: StackRequest,
): Promise<AppliedStack['kind']> {
  const text = sentText(template);
  const body = upload && Buffer.byteLength(text) > inline ? await upload(text) : { TemplateBody: text };
  const input = {
    StackName: name,
    ...body,
    // Boundaries have names, by which deployments find them.
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    Parameters: [{ ParameterKey: 'CreateProvider', ParameterValue: existingProvider ? 'false' : 'true' }],
  };
  const since = new Date();
  const wait = { client, maxWaitTime: patience, minDelay: 1, maxDelay: 5 };
  const stack = { StackName: name };
  const before = await describe(sdk, client, name);
  // A stack whose creation failed can only be removed.
  if (before?.StackStatus === 'ROLLBACK_COMPLETE') {
    await client.send(new sdk.DeleteStackCommand(stack));
    await sdk.waitUntilStackDeleteComplete(wait, stack);
  }
  if (!before || before.StackStatus === 'ROLLBACK_COMPLETE') {
    await client.send(new sdk.CreateStackCommand({ ...input, OnFailure: 'ROLLBACK' }));
    await settled(sdk, client, name, since, () => sdk.waitUntilStackCreateComplete(wait, stack));
    return 'created';
  }
  try {
    await client.send(new sdk.UpdateStackCommand(input));
  } catch (error) {
    if (error instanceof Error && /no updates are to be performed/i.test(error.message)) return 'unchanged';
    throw error;
  }
  await settled(sdk, client, name, since, () => sdk.waitUntilStackUpdateComplete(wait, stack));
  return 'updated';
}

/** Waits, and says of a failure what CloudFormation says of it. */
async function settled(
  sdk: Sdk,
  client: CloudFormationClient,
  name: string,
  since: Date,
  wait: () => Promise<unknown>,
): Promise<void> {
  try {
    await wait();
  } catch (error) {
    throw refused(name, (await reasons(sdk, client, name, since)) || String((error as Error).message), error);
  }
}

async function reasons(sdk: Sdk, client: CloudFormationClient, name: string, since: Date): Promise<string> {
  const { StackEvents = [] } = await client.send(new sdk.DescribeStackEventsCommand({ StackName: name }));
  return StackEvents.filter(
    ({ ResourceStatus = '', ResourceStatusReason = '', Timestamp }) =>
      ResourceStatus.endsWith('_FAILED') && !/cancelled/i.test(ResourceStatusReason) && (Timestamp ?? since) >= since,
  )
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`)
    .reverse()
    .join('; ');
}

async function describe(sdk: Sdk, client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new sdk.DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

function refused(name: string, why: string, cause: unknown) {
  const help = /already exists|EntityAlreadyExists/i.test(why)
    ? 'The account has the identity provider of GitHub already: add --existing-provider.'
    : `Mend what it says and run the command again. The stack's events say more: aws cloudformation describe-stack-events --stack-name ${name}`;
  return setupError('FL6309', `CloudFormation refused the stack ${name}: ${why}`, help, cause);
}

function translated(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || error.name === 'UserError') return error;
  if (
    /CredentialsProviderError|TokenProviderError|ExpiredToken|InvalidClientTokenId|UnrecognizedClient/.test(error.name)
  )
    return setupError(
      'FL6308',
      `there are no credentials of AWS that it accepts (${error.message})`,
      'Sign in with `aws sso login` or `aws login`, or set AWS_PROFILE.',
      error,
    );
  if (/AccessDenied/.test(error.name))
    return setupError(
      'FL6308',
      `the credentials of AWS do not allow it (${error.message})`,
      'Use those of somebody who may make roles with CloudFormation, or give them the template: leave --apply out.',
      error,
    );
  return '$metadata' in error ? refused(name, error.message, error) : error;
}
