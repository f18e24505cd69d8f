/** The candidate that a name was most likely meant to be; undefined when none is close. The first of equals wins. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const limit = mistakes(Math.max(name.length, candidate.length));
    // Two names of very different length need no comparison.
    if (Math.abs(name.length - candidate.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** "Did you mean `x`? " in front of other help, when a candidate is close; else that help alone. */
export function didYouMean(name: string, candidates: Iterable<string>, help: string): string {
  const candidate = nearest(name, candidates);
  return candidate === undefined ? help : `Did you mean \`${candidate}\`? ${help}`;
}

/** How many mistakes are likely in a name of that length: one in every three characters, three at most. */
function mistakes(length: number): number {
  return Math.min(3, Math.floor(length / 3));
}

/** Characters to insert, delete, replace or swap with their neighbour to make one text of the other (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
          ? beforeLast[column - 2]! + 1
          : Number.POSITIVE_INFINITY;
      current.push(Math.min(last[column]! + 1, current[column - 1]! + 1, replaced, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
