import type { Linker } from '../context.ts';
import type { Position } from '../diagnostic.ts';

/** Whether the name is still free; reports the second of two. */
export function isFree(
  what: string,
  name: string,
  at: Position,
  declared: readonly { name: string; position: Position }[],
  { report }: Linker,
): boolean {
  const first = declared.find((other) => other.name === name);
  if (!first) return true;
  report.error(
    'FL1104',
    at,
    `there already is ${what} named \`${name}\``,
    'Rename one of the two, or import the one that is there.',
    [{ message: 'the first one', position: first.position }],
  );
  return false;
}
