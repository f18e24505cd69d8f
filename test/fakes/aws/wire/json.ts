import { JsonCodec } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Shape } from './apis.ts';
import { tellError } from './errors.ts';
import type { Protocol } from './message.ts';

/** "AWS JSON 1.0 protocol" and "1.1": https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export function awsJson(version: '1.0' | '1.1'): Protocol {
  const headers = (requestId: string) => ({
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': requestId,
  });
  return {
    operation(api, request) {
      const name = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      const shape = api.operations.get(name);
      return { name, ...(shape && { shape }) };
    },
    read: async (_api, { input }, { body }) => readJson(input, body, false),
    write: (_api, { output }, value, requestId) => ({
      status: 200,
      headers: headers(requestId),
      body: writeJson(output, value, false),
    }),
    writeError(api, error, requestId) {
      const { name, code, message, status, type } = tellError(api, error);
      const compatible = api?.queryCompatible ? { 'x-amzn-query-error': `${code};${type}` } : {};
      const body = JSON.stringify({ ...fieldsOf(error), __type: name, message });
      return { status, headers: { ...headers(requestId), ...compatible }, body };
    },
  };
}

/** What a service hung on the error besides, such as the reasons of a cancelled task. */
export function fieldsOf(error: object): object {
  const { code: _code, status: _status, ...fields } = error as Record<string, unknown>;
  return fields;
}

type Codec = InstanceType<typeof JsonCodec>;

const codecs = new Map<boolean, Codec>();

function codec(named: boolean): Codec {
  const settings = { timestampFormat: { useTrait: true, default: 7 as const }, jsonName: named };
  const made = codecs.get(named) ?? new JsonCodec(settings as ConstructorParameters<typeof JsonCodec>[0]);
  codecs.set(named, made);
  return made;
}

/** @param named whether members go by their `jsonName`, as in REST */
export function readJson(shape: Shape, body: Uint8Array, named: boolean): Record<string, unknown> {
  const text = Buffer.from(body).toString();
  if (text === '' || NormalizedSchema.of(shape).isUnitSchema()) return {};
  const reader = codec(named).createDeserializer();
  return reader.readObject(shape as Parameters<typeof reader.readObject>[0], JSON.parse(text));
}

export function writeJson(shape: Shape, value: unknown, named: boolean): string {
  if (NormalizedSchema.of(shape).isUnitSchema()) return '{}';
  const writer = codec(named).createSerializer();
  writer.write(shape as Parameters<typeof writer.write>[0], value);
  return writer.flush() as string;
}
