import { NormalizedSchema } from '@smithy/core/schema';
import type { Api, OperationShape, Shape } from './apis.ts';
import { tellError } from './errors.ts';
import type { Protocol, WireRequest, WireResponse } from './message.ts';
import { readTime } from './timestamp.ts';
import { escapeXml, membersOf } from './xml.ts';

/** "AWS query protocol": https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const awsQuery: Protocol = {
  operation: (api, request) => asked(api, request),
  read: async (_api, shape, request) => readForm(shape.input, request, 'query'),
  write(api, { name, output }, value, requestId) {
    const result = isUnit(output) ? '' : `<${name}Result>${membersOf(output, value)}</${name}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return xml(200, `<${name}Response${namespaceOf(api)}>${result}${metadata}</${name}Response>`, requestId);
  },
  writeError(api, error, requestId) {
    const { code, message, status, type } = tellError(api, error);
    const told = `<Error><Type>${type}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const text = `<ErrorResponse${namespaceOf(api)}>${told}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return xml(status, text, requestId);
  },
};

/** "AWS EC2 query protocol": https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
export const ec2Query: Protocol = {
  operation: (api, request) => asked(api, request),
  read: async (_api, shape, request) => readForm(shape.input, request, 'ec2'),
  write(api, { name, output }, value, requestId) {
    const members = isUnit(output) ? '' : membersOf(output, value);
    const text = `<requestId>${requestId}</requestId>${members}`;
    return xml(200, `<${name}Response${namespaceOf(api)}>${text}</${name}Response>`, requestId);
  },
  writeError(api, error, requestId) {
    const { code, message, status } = tellError(api, error);
    const told = `<Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors>`;
    return xml(status, `<Response>${told}<RequestID>${requestId}</RequestID></Response>`, requestId);
  },
};

function asked(api: Api, request: WireRequest) {
  const name = formOf(request).get('Action') ?? '';
  const shape = api.operations.get(name);
  return { name, ...(shape && { shape }) };
}

export const formOf = ({ method, query, body }: WireRequest): URLSearchParams =>
  method === 'GET' ? query : new URLSearchParams(body.toString());

const isUnit = (shape: Shape) => NormalizedSchema.of(shape).isUnitSchema();

const namespaceOf = (api: Api | undefined) => (api?.xmlNamespace ? ` xmlns="${api.xmlNamespace}"` : '');

const xml = (status: number, text: string, requestId: string): WireResponse => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
});

/** Names of fields with points, as a tree: `Tag.1.Key`. */
interface Fields {
  text?: string;
  children: Map<string, Fields>;
}

type Dialect = 'query' | 'ec2';

function readForm(shape: OperationShape['input'], request: WireRequest, dialect: Dialect): Record<string, unknown> {
  const schema = NormalizedSchema.of(shape);
  if (schema.isUnitSchema()) return {};
  const root: Fields = { children: new Map() };
  for (const [name, text] of formOf(request)) {
    let at = root;
    for (const part of name.split('.')) {
      const next = at.children.get(part) ?? { children: new Map() };
      at.children.set(part, next);
      at = next;
    }
    at.text = text;
  }
  return readStructure(schema, root, dialect);
}

interface QueryTraits {
  xmlName?: string;
  ec2QueryName?: string;
  xmlFlattened?: unknown;
}

function readStructure(schema: NormalizedSchema, fields: Fields, dialect: Dialect): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const found = fields.children.get(fieldName(name, member, dialect));
    if (found) value[name] = readField(member, found, dialect);
  }
  return value;
}

function fieldName(name: string, member: NormalizedSchema, dialect: Dialect): string {
  const { xmlName, ec2QueryName } = member.getMemberTraits() as QueryTraits;
  if (dialect === 'query') return xmlName ?? name;
  const usual = xmlName ?? name;
  return ec2QueryName ?? usual.charAt(0).toUpperCase() + usual.slice(1);
}

function readField(schema: NormalizedSchema, fields: Fields, dialect: Dialect): unknown {
  const { xmlFlattened } = schema.getMergedTraits() as QueryTraits;
  if (schema.isStructSchema()) return readStructure(schema, fields, dialect);
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    const { xmlName } = member.getMergedTraits() as QueryTraits;
    const flat = xmlFlattened || dialect === 'ec2';
    return numbered(flat ? fields : fields.children.get(xmlName ?? 'member')).map((one) =>
      readField(member, one, dialect),
    );
  }
  if (schema.isMapSchema()) {
    const entries = numbered(xmlFlattened ? fields : fields.children.get('entry'));
    const [keys, values] = [schema.getKeySchema(), schema.getValueSchema()];
    const [key, content] = [keys, values].map((one) => (one.getMergedTraits() as QueryTraits).xmlName);
    return Object.fromEntries(
      entries.map(({ children }) => [
        children.get(key ?? 'key')?.text ?? '',
        readField(values, children.get(content ?? 'value') ?? { children: new Map() }, dialect),
      ]),
    );
  }
  return readSimple(schema, fields.text ?? '');
}

/** The children of a list, by their numbers. */
function numbered(fields: Fields | undefined): Fields[] {
  const numbers = [...(fields?.children ?? [])].filter(([name]) => /^\d+$/.test(name));
  return numbers.sort(([a], [b]) => Number(a) - Number(b)).map(([, one]) => one);
}

/** A value without members, from its text. */
export function readSimple(schema: NormalizedSchema, text: string): unknown {
  if (schema.isTimestampSchema()) return readTime(schema, text, 'date-time');
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'));
  if (schema.isBooleanSchema()) return text.toLowerCase() === 'true';
  if (schema.isNumericSchema()) return Number(text);
  return text;
}
