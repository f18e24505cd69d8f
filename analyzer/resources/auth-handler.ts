import type { Recogniser } from '../context.ts';
import type { AuthHandler } from '../graph.ts';
import { authTypes } from '../handler.ts';
import { authMessages } from '../messages.ts';
import type { FoundService } from '../services.ts';
import { docOf, variableOf } from '../sites.ts';

type Read = Pick<AuthHandler, 'name' | 'request' | 'data' | 'doc'>;

/** `const auth = authHandler<Params, AuthData>(async (params) => …)`. */
export const authHandler: Recogniser<Read> = {
  declares: 'encore.dev/auth#authHandler',
  as: 'call',
  bound: 'variable',
  what: 'an auth handler',
  read(site, reader) {
    const types = authTypes(site, reader);
    const messages = types && authMessages(types, reader);
    if (!messages) return undefined;
    const doc = docOf(site, reader.checker);
    return { name: variableOf(site).text, ...messages, ...(doc && { doc }) };
  },
  link({ value: { name, doc, ...value }, file, position }, { graph, report, serviceOf }) {
    if (graph.authHandler) {
      report.error(
        'FL1811',
        position,
        'the application has a second auth handler',
        'Keep one: an application has one way to tell who calls.',
        [{ message: 'the first one', position: graph.authHandler.position }],
      );
      return;
    }
    // An auth handler makes its directory a service.
    const { name: service } = serviceOf(file) as FoundService;
    graph.authHandler = { name, module: file, service, ...value, ...(doc && { doc }), position };
  },
};
