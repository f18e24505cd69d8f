/** A frame of the runtime, which lies beside the application, or of Node. */
const foreign =
  /^\s+at (?:async )?(?:.*\()?(?:runtime(?:\/\d+)?\.mjs:\d+:\d+|node:[^)]*|new Promise \(<anonymous>)\)?$/;

/** Leaves out the frames of a stack that are nobody's code here, unless there are no others. @param stack without images */
export function withoutRuntime(stack: string): string {
  const lines = stack.split('\n');
  const isFrame = (line: string) => /^\s+at /.test(line);
  const kept = lines.filter((line) => !foreign.test(line));
  return kept.some(isFrame) ? kept.join('\n') : stack;
}

/** What only colors a terminal. */
export function withoutColors(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/\x1b\[[\d;]*m/g, '');
}
