/** Where an index into a text is, both from 1; columns count UTF-16 units. */
export interface LineAndColumn {
  line: number;
  column: number;
}

/** From UTF-16 indices into a text to lines and columns, of which many are asked for. */
export function linesOf(text: string): (offset: number) => LineAndColumn {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

/** The line and column of one UTF-16 index. */
export function lineAndColumn(text: string, offset: number): LineAndColumn {
  return linesOf(text.slice(0, offset))(offset);
}
