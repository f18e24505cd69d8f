import { AwsError, type Call, type Principal, type Service, type Wish } from './model.ts';
import { arnOf } from './principal.ts';
import { uuid } from './random.ts';
import { type Api, findApi } from './wire/apis.ts';
import type { Asked, Protocol, WireRequest, WireResponse } from './wire/message.ts';
import { protocolOf } from './wire/protocols.ts';
import { formOf } from './wire/query.ts';
import { isGenuine, type Signature, signatureOf } from './wire/signature.ts';
import type { AwsWorld } from './world.ts';

/** Answers one request: who calls, what is wanted, whether it may be, and then the service. Every call is in the journal. */
export async function dispatch(world: AwsWorld, request: WireRequest): Promise<WireResponse> {
  const signature = signatureOf(request);
  const id = signature?.service || unsignedService(request);
  const api = await findApi(id);
  const protocol = protocolOf(api, request);
  const requestId = uuid(world.requestIds);
  try {
    if (!api) throw new AwsError('UnrecognizedClientException', `The fake has no API "${id}".`, 501);
    const asked = protocol.operation(api, request);
    const call = { account: world.account, region: signature?.region || world.region, requestId };
    return await answer(world, request, { api, protocol, asked, signature, call });
  } catch (error) {
    return protocol.writeError(api, inTheWordsOf(id, asAwsError(error)), requestId);
  }
}

interface Incoming {
  api: Api;
  protocol: Protocol;
  asked: Asked;
  signature: Signature | undefined;
  call: Omit<Call, 'principal'>;
}

async function answer(world: AwsWorld, request: WireRequest, incoming: Incoming): Promise<WireResponse> {
  const { api, protocol, asked, signature } = incoming;
  const entry = {
    at: world.clock.now(),
    service: api.id,
    operation: asked.name,
    principal: 'anonymous',
    input: undefined as unknown,
  };
  const logged: typeof entry & { error?: string } = entry;
  world.journal.push(logged);
  try {
    const service = world.services.get(api.id);
    const operation = service?.operations[asked.name];
    const principal = authenticate(world, request, signature, api.id, asked.name);
    logged.principal = arnOf(principal);
    if (!asked.shape || !service || !operation) throw unknownOperation(api.id, asked);
    const input = await protocol.read(api, asked.shape, request);
    logged.input = input;
    await world.faults.check({ service: api.id, operation: asked.name, call: world.journal.length - 1 });
    const call: Call = { ...incoming.call, account: principal.account, principal };
    world.authorize(call, wishesOf(service, asked.name, input, call));
    const output = ((await operation(input, call)) ?? {}) as Record<string, unknown>;
    return protocol.write(api, asked.shape, output, call.requestId);
  } catch (error) {
    logged.error = asAwsError(error).code;
    throw error;
  }
}

/** Those that need no credentials: their tokens say who calls, and the trust policy of the role whether it may. */
const withoutCredentials = new Set(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML']);

function unsignedService(request: WireRequest): string {
  return withoutCredentials.has(formOf(request).get('Action') ?? '') ? 'sts' : 's3';
}

/** @throws AwsError as "Common Errors" of the APIs name it */
function authenticate(
  world: AwsWorld,
  request: WireRequest,
  signature: Signature | undefined,
  service: string,
  operation: string,
): Principal {
  if (!signature) {
    if (service === 'sts' && withoutCredentials.has(operation))
      return { kind: 'service', account: world.account, service: 'anonymous' };
    throw new AwsError(service === 's3' ? 'AccessDenied' : 'MissingAuthenticationToken', 'Access Denied', 403);
  }
  const keys = world.credentials.find(signature.accessKeyId);
  if (!keys || keys.sessionToken !== signature.sessionToken) throw invalidKeys(service);
  if (!isGenuine(request, signature, keys.secretAccessKey)) throw wrongSignature(service);
  const { principal } = keys;
  if (principal.kind === 'role' && principal.expires <= world.clock.now()) throw expired(service);
  return principal;
}

/** "Common Errors": services with JSON say it otherwise than those with XML. */
const queryServices = new Set(['cloudformation', 'ec2', 'elasticloadbalancing', 'iam', 'rds', 'sns', 'sts']);

function invalidKeys(service: string): AwsError {
  if (service === 's3')
    return new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', 403);
  if (service === 'ec2')
    return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  const message = 'The security token included in the request is invalid.';
  return queryServices.has(service)
    ? new AwsError('InvalidClientTokenId', message, 403)
    : new AwsError('UnrecognizedClientException', message, 400);
}

function wrongSignature(service: string): AwsError {
  const message =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';
  return queryServices.has(service) || service === 's3'
    ? new AwsError('SignatureDoesNotMatch', message, 403)
    : new AwsError('InvalidSignatureException', message, 400);
}

function expired(service: string): AwsError {
  if (service === 's3') return new AwsError('ExpiredToken', 'The provided token has expired.', 400);
  if (service === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', 400);
  return queryServices.has(service)
    ? new AwsError('ExpiredToken', 'The security token included in the request is expired', 403)
    : new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 400);
}

function unknownOperation(service: string, { name, shape }: Asked): AwsError {
  const why = shape ? 'exists at AWS; the fake does not model it' : 'is unknown';
  return new AwsError('UnknownOperationException', `Fake AWS: the operation ${service}:${name} ${why}.`, 501);
}

function wishesOf(service: Service, operation: string, input: unknown, call: Call): Wish[] {
  return (
    service.authorize?.(operation, input as never, call) ?? [{ action: `${service.id}:${operation}`, resource: '*' }]
  );
}

/** "Common Errors": what IAM refuses goes by another name in each family of APIs. */
function inTheWordsOf(service: string, error: AwsError): AwsError {
  if (error.code !== 'AccessDenied') return error;
  if (service === 'ec2')
    return new AwsError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${error.message}`,
      403,
    );
  if (service === 's3' || queryServices.has(service)) return error;
  return new AwsError('AccessDeniedException', error.message, 400);
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  // A fault of the fake itself, and loud.
  console.error(error);
  return new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500);
}
