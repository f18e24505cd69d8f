import { codecFor, DecodeError } from '../codec/mod.ts';
import type { InfraConfig, ManifestSchema } from '../wire.ts';
import { StartError } from './error.ts';

const text = { type: 'string' };
const number = { type: 'number' };
const flag = { type: 'boolean' };
const texts = { type: 'array', items: text };
const ref = (key: string) => ({ $ref: `#/schemas/${key}` });
const list = (items: ManifestSchema) => ({ type: 'array', items });
const map = (additionalProperties: ManifestSchema) => ({ type: 'object', additionalProperties });
const object = (required: Record<string, ManifestSchema>, optional: Record<string, ManifestSchema> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
});

/** What of `wire.ts` the process relies on. Keys it does not know belong to other readers of the file. */
const schemas: Record<string, ManifestSchema> = {
  envString: { anyOf: [text, object({ $env: text })] },
  authKey: object({ type: { const: 'key', type: 'string' }, id: { type: 'integer' }, key: ref('envString') }),
  sqlServer: object(
    {
      host: text,
      databases: map(
        object(
          { username: text, password: ref('envString') },
          { name: text, max_connections: number, min_connections: number },
        ),
      ),
    },
    {
      tls_config: object(
        {},
        { disabled: flag, ca: text, disable_tls_hostname_verification: flag, disable_ca_validation: flag },
      ),
    },
  ),
  broker: object({
    host: text,
    database: text,
    schema: text,
    username: text,
    password: ref('envString'),
    topics: map(object({ queues: list(object({ subscription: text, table: text, channel: text })) })),
  }),
  config: object(
    {},
    {
      metadata: object(
        {},
        {
          app_id: text,
          env_name: text,
          env_type: { type: 'string', enum: ['development', 'production', 'ephemeral', 'test'] },
          cloud: { type: 'string', enum: ['aws', 'gcp', 'azure', 'encore', 'local'] },
          base_url: text,
        },
      ),
      graceful_shutdown: object({}, { total: number, shutdown_hooks: number, handlers: number }),
      auth: list(ref('authKey')),
      service_discovery: map(object({ base_url: text }, { auth: list(ref('authKey')) })),
      sql_servers: list(ref('sqlServer')),
      secrets: map(ref('envString')),
      hosted_services: texts,
      hosted_gateways: texts,
      cors: object(
        {},
        {
          debug: flag,
          allow_headers: texts,
          expose_headers: texts,
          allow_origins_without_credentials: texts,
          allow_origins_with_credentials: texts,
        },
      ),
      log_config: text,
      fairlead: object({ version: { type: 'number', const: 1 } }, { release: text, broker: ref('broker') }),
    },
  ),
};

/** @throws StartError FL6002 that names the place in the file */
export function checkConfig(json: string, path: string): InfraConfig {
  try {
    return codecFor(ref('config'), schemas).decode(JSON.parse(json), '') as InfraConfig;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
    // A syntax error quotes the text around it, which may be a password.
    const what = error instanceof DecodeError ? error.message : 'it is not JSON';
    throw new StartError(
      'FL6002',
      `the configuration ${path} is not valid: ${what}`,
      'Correct the file; its format is described in runtime/wire.ts.',
    );
  }
}
