import { ts } from '@ts-morph/common';
import { ConfigReader } from '../config.ts';
import type { Reader, Recogniser } from '../context.ts';
import type { Middleware } from '../graph.ts';
import { symbolOf, unwrap } from '../references.ts';
import { isTarget, resolve } from '../resolve.ts';
import { keyOf, runtimeName, visit } from '../sites.ts';

export interface MiddlewareRead {
  target?: Middleware['target'];
  /** The key of the middleware whose target it keeps. */
  wraps?: string;
}

const declares = 'encore.dev/api#middleware';

/** `const log = middleware({ target: { … } }, async (request, next) => …)`. What it applies to is said by the service that lists it. */
export const middleware: Recogniser<MiddlewareRead> = {
  declares,
  as: 'call',
  bound: 'any',
  anywhere: true,
  what: 'a middleware',
  read({ node }, reader) {
    const { report } = reader;
    const [first, second] = node.arguments ?? [];
    if (!first)
      report.error('FL1308', node, 'the middleware has no function', 'Pass `async (request, next) => next(request)`.');
    if (!first || !second) return first ? wrappedBy(first, reader) : {};
    const target = new ConfigReader(first, ['target'], report).node('target');
    const options = ['expose', 'auth', 'isRaw', 'isStream', 'tags'];
    const config = new ConfigReader(target as ts.Expression | undefined, options, report);
    const flags = (['expose', 'auth', 'isRaw', 'isStream'] as const).flatMap((name) => {
      const value = config.flag(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const tags = config.texts('tags');
    return { target: { ...Object.fromEntries(flags), ...(tags && { tags: [...new Set(tags)].sort() }) } };
  },
  link() {},
};

/** A middleware that is wrapped without a target keeps its own. */
function wrappedBy(inner: ts.Expression, reader: Reader): MiddlewareRead {
  const key = middlewareKey(inner, reader);
  return key === undefined ? {} : { wraps: key };
}

/** The key of the declaration that an expression stands for; of a call, of the only one in the function that is called. */
export function middlewareKey(expression: ts.Expression, reader: Reader): string | undefined {
  const { checker, exports, report } = reader;
  const found = resolve(expression, reader);
  if (isTarget(found)) {
    if (found.declares === declares) return found.key;
    report.error('FL1209', expression, 'this is no middleware', 'List what `middleware(…)` gives.');
    return undefined;
  }
  const node = unwrap(expression);
  const made = ts.isCallExpression(node) ? symbolOf(node.expression, checker)?.valueDeclaration : undefined;
  const inside: ts.Node[] = [];
  if (made) {
    visit(made, (at) => {
      if (ts.isCallExpression(at) && runtimeName(at.expression, checker, exports) === declares) inside.push(at);
    });
  }
  const [only] = inside;
  return only && inside.length === 1 ? keyOf(only, report) : undefined;
}
