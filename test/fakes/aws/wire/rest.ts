import { NormalizedSchema } from '@smithy/core/schema';
import type { Api, OperationShape, Shape } from './apis.ts';
import { tellError } from './errors.ts';
import { readJson, writeJson } from './json.ts';
import type { Protocol, WireRequest, WireResponse } from './message.ts';
import { readSimple } from './query.ts';
import { findRoute, type Route, routesOf } from './routes.ts';
import { readTime, type TimeFormat } from './timestamp.ts';
import { escapeXml, membersOf, readXml, simpleText } from './xml.ts';

/** "AWS restXml protocol": https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html, as S3 speaks it. */
export const restXml: Protocol = {
  operation: (api, request) => asked(api, request),
  read: async (api, shape, request) => read(api, shape, request, readXmlBody),
  write(api, shape, value, requestId) {
    const namespace = api.xmlNamespace ? ` xmlns="${api.xmlNamespace}"` : '';
    const element = (name: string, content: string) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${namespace}>${content}</${name}>`;
    const body: WriteBody = (of, content, name, bound) =>
      // "S3UnwrappedXmlOutput trait": the one member is the root.
      shape.name === 'GetBucketLocation'
        ? element('LocationConstraint', escapeXml(String((content as BucketLocation).LocationConstraint ?? '')))
        : element(name, membersOf(of, content, bound));
    return write(shape, value, { 'x-amz-request-id': requestId, 'content-type': 'application/xml' }, body);
  },
  writeError(api, error, requestId) {
    const { code, message, status } = tellError(api, error);
    const told = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${told}<RequestId>${requestId}</RequestId></Error>`;
    return { status, headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId }, body };
  },
};

interface BucketLocation {
  LocationConstraint?: string;
}

/** "AWS restJson1 protocol": https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export const restJson: Protocol = {
  operation: (api, request) => asked(api, request),
  read: async (api, shape, request) => read(api, shape, request, (of, body) => readJson(of, body, true)),
  write(_api, shape, value, requestId) {
    const body = (of: Shape, content: object) => writeJson(of, content, true);
    return write(shape, value, { 'x-amzn-requestid': requestId, 'content-type': 'application/json' }, body);
  },
  writeError(api, error, requestId) {
    const { name, message, status } = tellError(api, error);
    const headers = {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': name,
    };
    return { status, headers, body: JSON.stringify({ message, Message: message }) };
  },
};

const routes = new WeakMap<Api, Route[]>();

function routeOf(api: Api, request: WireRequest) {
  const known = routes.get(api) ?? routesOf(api);
  routes.set(api, known);
  return findRoute(api, known, request);
}

function asked(api: Api, request: WireRequest) {
  const found = routeOf(api, request);
  if (!found) return { name: `${request.method} ${request.path}` };
  return { name: found.route.shape.name, shape: found.route.shape };
}

interface RestTraits {
  httpLabel?: unknown;
  httpQuery?: string;
  httpQueryParams?: unknown;
  httpHeader?: string;
  httpPrefixHeaders?: string;
  httpPayload?: unknown;
  httpResponseCode?: unknown;
}

type ReadBody = (shape: Shape, body: Uint8Array) => object;

function readXmlBody(shape: Shape, body: Uint8Array): object {
  return (readXml(shape, body) ?? {}) as object;
}

function read(api: Api, { input }: OperationShape, request: WireRequest, readBody: ReadBody): Record<string, unknown> {
  const schema = NormalizedSchema.of(input);
  if (schema.isUnitSchema()) return {};
  const labels = routeOf(api, request)?.labels ?? {};
  const value: Record<string, unknown> = {};
  let payload = false;
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits() as RestTraits;
    if (traits.httpPayload) {
      payload = true;
      if (request.body.length > 0 || member.isStreaming()) value[name] = readPayload(member, request, readBody);
    }
    const bound = readBound(name, member, traits, request, labels);
    if (bound !== undefined) value[name] = bound;
  }
  if (payload || request.body.length === 0) return value;
  return { ...readBody(input, request.body), ...value };
}

function readPayload(member: NormalizedSchema, { body }: WireRequest, readBody: ReadBody): unknown {
  if (member.isBlobSchema()) return new Uint8Array(body);
  if (member.isStringSchema()) return body.toString();
  return readBody(member as unknown as Shape, body);
}

/** What is in the path, the query or the headers. */
function readBound(
  name: string,
  member: NormalizedSchema,
  { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders }: RestTraits,
  { query, headers, contentEncoding }: WireRequest,
  labels: Record<string, string>,
): unknown {
  if (httpLabel) return labels[name] === undefined ? undefined : readText(member, labels[name], 'date-time');
  if (httpQuery !== undefined) {
    const texts = query.getAll(httpQuery);
    if (texts.length === 0) return undefined;
    return member.isListSchema()
      ? texts.map((text) => readText(member.getValueSchema(), text, 'date-time'))
      : readText(member, texts[0]!, 'date-time');
  }
  if (httpQueryParams) return Object.fromEntries(query);
  if (httpPrefixHeaders !== undefined) {
    const found = Object.entries(headers).filter(([header]) => header.startsWith(httpPrefixHeaders.toLowerCase()));
    return found.length
      ? Object.fromEntries(found.map(([at, text]) => [at.slice(httpPrefixHeaders.length), text]))
      : undefined;
  }
  if (httpHeader === undefined) return undefined;
  const text = httpHeader === 'Content-Encoding' ? contentEncoding : headers[httpHeader.toLowerCase()];
  if (text === undefined) return undefined;
  return member.isListSchema()
    ? text.split(',').map((one) => readText(member.getValueSchema(), one.trim(), 'http-date'))
    : readText(member, text, 'http-date');
}

const readText = (member: NormalizedSchema, text: string, times: TimeFormat) =>
  member.isTimestampSchema() ? readTime(member, text, times) : readSimple(member, text);

type WriteBody = (shape: Shape, content: object, name: string, bound?: Set<string>) => string;

function write(
  { output, http }: OperationShape,
  value: Record<string, unknown>,
  usual: Record<string, string>,
  writeBody: WriteBody,
): WireResponse {
  const schema = NormalizedSchema.of(output);
  const response: WireResponse = { status: http?.[2] ?? 200, headers: { ...usual }, body: '' };
  if (schema.isUnitSchema()) return response;
  const bound = new Set<string>();
  let payload = false;
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits() as RestTraits;
    if (traits.httpPayload) {
      payload = true;
      if (value[name] !== undefined) response.body = payloadOf(member, value[name], writeBody);
    } else if (!writeBound(member, traits, value[name], response)) continue;
    bound.add(name);
  }
  const rest = [...schema.structIterator()].some(([name]) => !bound.has(name));
  if (!payload && rest) {
    const { xmlName } = schema.getMergedTraits() as { xmlName?: string };
    const content = Object.fromEntries(Object.entries(value).filter(([name]) => !bound.has(name)));
    response.body = writeBody(output, content, xmlName ?? schema.getName() ?? 'Result', bound);
  }
  return response;
}

function payloadOf(member: NormalizedSchema, value: unknown, writeBody: WriteBody): WireResponse['body'] {
  if (member.isBlobSchema()) return value as Uint8Array;
  if (member.isStringSchema()) return String(value);
  const { xmlName } = member.getMergedTraits() as { xmlName?: string };
  return writeBody(member as unknown as Shape, value as object, xmlName ?? member.getName() ?? 'Result');
}

/** Whether the member belongs into the head. */
function writeBound(
  member: NormalizedSchema,
  { httpHeader, httpPrefixHeaders, httpResponseCode }: RestTraits,
  value: unknown,
  response: WireResponse,
): boolean {
  const present = value !== undefined && value !== null;
  if (httpResponseCode) {
    if (present) response.status = Number(value);
    return true;
  }
  if (httpPrefixHeaders !== undefined) {
    for (const [name, text] of Object.entries(present ? (value as object) : {}))
      response.headers[`${httpPrefixHeaders}${name}`.toLowerCase()] = String(text);
    return true;
  }
  if (httpHeader === undefined) return false;
  const values = member.isListSchema() ? (value as unknown[] | undefined) : present ? [value] : undefined;
  const one = member.isListSchema() ? member.getValueSchema() : member;
  if (values?.length)
    response.headers[httpHeader.toLowerCase()] = values.map((each) => simpleText(one, each, 'http-date')).join(', ');
  return true;
}
