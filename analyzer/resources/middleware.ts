import { ts } from '@ts-morph/common';
import { ConfigReader } from '../config.ts';
import type { Recogniser } from '../context.ts';
import type { Middleware } from '../graph.ts';
import { unwrap } from '../references.ts';

/** `const log = middleware({ target: { … } }, async (request, next) => …)`. What it applies to is said by the service that lists it. */
export const middleware: Recogniser<Middleware['target']> = {
  declares: 'encore.dev/api#middleware',
  as: 'call',
  bound: 'any',
  anywhere: true,
  what: 'a middleware',
  read({ node }, { report }) {
    const [first, second] = node.arguments ?? [];
    if (!first || !second || !ts.isObjectLiteralExpression(unwrap(first))) return {};
    const target = new ConfigReader(first, ['target'], report).node('target');
    const options = ['expose', 'auth', 'isRaw', 'isStream', 'tags'];
    const config = new ConfigReader(target as ts.Expression | undefined, options, report);
    const flags = (['expose', 'auth', 'isRaw', 'isStream'] as const).flatMap((name) => {
      const value = config.flag(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const tags = config.texts('tags');
    return { ...Object.fromEntries(flags), ...(tags && { tags: [...new Set(tags)].sort() }) };
  },
  link() {},
};
