/** Longer lines are cut: a log may hold anything. */
const longest = 500;

/**
 * Of what a process wrote before it ended, the lines a person can use: without the source line that Node.js shows above an
 * uncaught error, which in minified code is the whole file, and without Node's own frames.
 */
export function excerpt(output: readonly string[]): string[] {
  return output
    .filter((line, index) => !isMark(line) && !isMark(output[index + 1] ?? ''))
    .filter((line) => line.trim() !== '' && !/^\s+at .*\(?node:/.test(line))
    .map((line) => (line.length > longest ? `${line.slice(0, longest).trimEnd()} …` : line));
}

/** The line of carets below a source line. Where those would stand beyond some 1,000 columns, Node.js writes the blanks alone. */
function isMark(line: string): boolean {
  return /^\s*\^+\s*$|^\s{1000,}$/.test(line);
}
