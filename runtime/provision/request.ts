import { codecFor, DecodeError } from '../codec/mod.ts';
import { resolveEnv } from '../infra/config.ts';
import { type Server, splitHost, tlsOf } from '../postgres/connect.ts';
import type { ManifestSchema, ProvisionRequest } from '../wire.ts';

/** A {@link ProvisionRequest} with every value looked up. Holds passwords. */
export interface Wanted {
  action: ProvisionRequest['action'];
  /** Of the account that makes everything, in the database that every server has. */
  server: Server;
  owner: Login;
  roles: Login[];
  databases: ProvisionRequest['databases'];
}

export interface Login {
  name: string;
  password: string;
}

const text = { type: 'string' };
const object = (required: Record<string, ManifestSchema>, optional: Record<string, ManifestSchema> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
});
const list = (items: ManifestSchema) => ({ type: 'array', items });
const ref = (key: string) => ({ $ref: `#/schemas/${key}` });

const schemas: Record<string, ManifestSchema> = {
  envString: { anyOf: [text, object({ $env: text })] },
  tls: object(
    {},
    {
      disabled: { type: 'boolean' },
      ca: text,
      disable_tls_hostname_verification: { type: 'boolean' },
      disable_ca_validation: { type: 'boolean' },
    },
  ),
  login: object({ name: text, password: ref('envString') }),
  request: object({
    version: { type: 'number', const: 1 },
    action: { type: 'string', enum: ['create', 'settle', 'drop'] },
    server: object({ host: text, username: ref('envString'), password: ref('envString') }, { tls_config: ref('tls') }),
    owner: ref('login'),
    roles: list(ref('login')),
    databases: list(object({ name: text, physical: text, users: list(text), migrated: { type: 'boolean' } })),
  }),
};

/** @throws Error when there is none, when it is not valid, and StartError when a value that it refers to is missing */
export function readRequest(json: string | undefined): Wanted {
  if (!json) throw new Error('FAIRLEAD_PROVISION is not set: it says what is to be made');
  const { action, server, owner, roles, databases } = decode(json);
  const names = new Set(roles.map(({ name }) => name));
  const stranger = databases.flatMap(({ users }) => users).find((user) => !names.has(user));
  if (stranger !== undefined) throw new Error(`FAIRLEAD_PROVISION is not valid: ${stranger} is no role of it`);
  const login = ({ name, password }: ProvisionRequest['owner']): Login => ({
    name,
    password: action === 'drop' ? '' : resolveEnv(password, `the password of role ${name}`),
  });
  return {
    action,
    server: {
      ...splitHost(server.host),
      user: resolveEnv(server.username, 'the user of the server'),
      password: resolveEnv(server.password, 'the password of the server'),
      database: 'postgres',
      ssl: tlsOf(server.tls_config),
    },
    owner: login(owner),
    roles: roles.map(login),
    databases,
  };
}

function decode(json: string): ProvisionRequest {
  try {
    return codecFor(ref('request'), schemas).decode(JSON.parse(json), '') as ProvisionRequest;
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof SyntaxError)) throw error;
    // A syntax error quotes the text around it, which may be a password.
    const what = error instanceof DecodeError ? error.message : 'it is not JSON';
    throw new Error(`FAIRLEAD_PROVISION is not valid: ${what}`);
  }
}
