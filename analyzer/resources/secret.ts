import { nameOf, secretName } from '../config.ts';
import type { Recogniser } from '../context.ts';
import { bind } from './bind.ts';

/** `const token = secret('Token')`: read by calling it. Several services may read the secret of one name. */
export const secret: Recogniser = {
  declares: 'encore.dev/config#secret',
  as: 'call',
  bound: 'variable',
  what: 'a secret',
  recognise(site, context) {
    const { report, graph } = context;
    const name = nameOf(site.node.arguments?.[0], 'a secret', site.node, report, secretName);
    if (name === undefined) return;
    if (!graph.secrets.some((other) => other.name === name))
      graph.secrets.push({ name, position: report.positionOf(site.node) });
    bind(site, { resource: { kind: 'secret', name }, uses: { call: 'read', members: { name: 'free' } } }, context);
  },
};
