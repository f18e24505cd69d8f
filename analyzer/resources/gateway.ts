import { ConfigReader, constantOf } from '../config.ts';
import type { Linker, Recogniser } from '../context.ts';
import { isTarget, resolve } from '../resolve.ts';
import type { FoundService } from '../services.ts';
import { authHandler } from './auth-handler.ts';

interface Read {
  /** Of its auth handler. */
  authHandler?: string;
}

const name = 'api-gateway';

/** `new Gateway({ authHandler })`: the way in for requests from outside. */
export const gateway: Recogniser<Read> = {
  declares: 'encore.dev/api#Gateway',
  as: 'new',
  bound: 'any',
  what: 'a gateway',
  read({ node }, reader) {
    const { report } = reader;
    const [first, second] = node.arguments ?? [];
    const named = first && constantOf(first);
    if (first && typeof named === 'string' && named !== name) {
      report.error('FL1812', first, `the gateway is called "${named}"`, `Leave the name out: it is "${name}".`);
    }
    const config = new ConfigReader(typeof named === 'string' ? second : first, ['authHandler'], report);
    const value = config.node('authHandler');
    if (!value) return {};
    const found = 'body' in value ? undefined : resolve(value as Parameters<typeof resolve>[0], reader);
    if (isTarget(found) && found.declares === authHandler.declares) return { authHandler: found.key };
    report.error(
      'FL1813',
      value,
      'the auth handler of the gateway cannot be resolved',
      'Pass the variable that holds `authHandler(…)`, imported from its module.',
    );
    return {};
  },
  link({ value, file, position }, { graph, report, serviceOf }) {
    if (graph.gateway) {
      report.error(
        'FL1812',
        position,
        'the application has a second gateway',
        'Keep one: requests from outside come in one way.',
        [{ message: 'the first one', position: graph.gateway.position }],
      );
      return;
    }
    // A gateway makes its directory a service.
    const { name: service } = serviceOf(file) as FoundService;
    graph.gateway = { name, authenticates: value.authHandler !== undefined, module: file, service, position };
  },
};

/** Warns where authentication is asked for and nothing provides it. */
export function checkAuthentication({ graph, report }: Linker): void {
  const { gateway, authHandler } = graph;
  if (authHandler && !gateway?.authenticates) {
    report.warning(
      'FL1814',
      authHandler.position,
      `no gateway uses the auth handler \`${authHandler.name}\``,
      `Write \`new Gateway({ authHandler: ${authHandler.name} })\`.`,
    );
  }
  if (authHandler) return;
  for (const { name: service, endpoints } of graph.services) {
    for (const { name, auth, position } of endpoints) {
      if (!auth) continue;
      report.warning(
        'FL1815',
        position,
        `nobody can call \`${service}.${name}\` from outside: it asks for authentication, and the application has no auth handler`,
        'Declare one with `authHandler(…)` and give it to the gateway, or remove `auth`.',
      );
    }
  }
}
