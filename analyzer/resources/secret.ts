import { nameOf, secretName } from '../config.ts';
import { free, type Recogniser } from '../context.ts';

/** `const token = secret('Token')`: read by calling it. Several services may read the secret of one name. */
export const secret: Recogniser<string> = {
  declares: 'encore.dev/config#secret',
  as: 'call',
  bound: 'variable',
  what: 'a secret',
  uses: { call: 'read', members: { name: free }, escape: ['read'] },
  read: ({ node }, { report }) => nameOf(node.arguments?.[0], 'a secret', node, report, secretName),
  link({ value: name, key, position }, { graph, resources }) {
    if (!graph.secrets.some((other) => other.name === name)) graph.secrets.push({ name, position });
    resources.set(key, { kind: 'secret', name });
  },
};
