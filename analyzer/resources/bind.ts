import type { ts } from '@ts-morph/common';
import type { Bound, Context } from '../context.ts';
import type { Position } from '../diagnostic.ts';
import type { Site } from '../sites.ts';

/** Lets the variable of a declaration stand for its resource. */
export function bind({ binding, node }: Site, bound: Bound, { bindings, checker }: Context): void {
  const name = binding.kind === 'variable' ? binding.name : binding.kind === 'default' ? undefined : null;
  if (name === null) return;
  const symbol = name ? checker.getSymbolAtLocation(name) : defaultExport(node.getSourceFile(), checker);
  if (symbol) bindings.set(symbol, bound);
}

function defaultExport(file: ts.SourceFile, checker: ts.TypeChecker) {
  const module = checker.getSymbolAtLocation(file);
  return module && checker.tryGetMemberInModuleExports('default', module);
}

/** Whether the name is still free; reports the second of two. */
export function isFree(
  what: string,
  name: string,
  site: Site,
  declared: readonly { name: string; position: Position }[],
  { report }: Context,
): boolean {
  const first = declared.find((other) => other.name === name);
  if (!first) return true;
  report.error(
    'FL1104',
    site.node,
    `there already is ${what} named \`${name}\``,
    'Rename one of the two, or import the one that is there.',
    [{ message: 'the first one', position: first.position }],
  );
  return false;
}
