/** Longer lines are cut: a log may hold anything. */
const longest = 500;

/**
 * Of what a process wrote before it ended, the lines a person can use: without the source line that Node.js shows above an
 * uncaught error, which in minified code is the whole file, and without Node's own frames; what a logger wrote in its words.
 */
export function excerpt(output: readonly string[]): string[] {
  return output
    .filter((line, index) => !isMark(line) && !isMark(output[index + 1] ?? ''))
    .flatMap(logged)
    .filter((line) => line.trim() !== '' && !/^\s+at .*\(?node:/.test(line))
    .map((line) => (line.length > longest ? `${line.slice(0, longest).trimEnd()} …` : line));
}

/** The line of carets below a source line. Where those would stand beyond some 1,000 columns, Node.js writes the blanks alone. */
function isMark(line: string): boolean {
  return /^\s*\^+\s*$|^\s{1000,}$/.test(line);
}

/** A line of the log as text, with the error that it tells of; any other as it is. */
function logged(line: string): string[] {
  const { level, message, code, stack, error, help } = entryOf(line) ?? {};
  if (typeof level !== 'string' || typeof message !== 'string') return [line];
  const trail = stack ?? error;
  return [
    `${level}${typeof code === 'string' ? ` ${code}` : ''}: ${message}`,
    ...(typeof trail === 'string' ? trail.split('\n') : []),
    ...(typeof help === 'string' ? [`help: ${help}`] : []),
  ];
}

function entryOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // No line of our log: it is shown as it is.
    return undefined;
  }
}
