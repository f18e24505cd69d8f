import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours text for standard output where that shows colours: obeys NO_COLOR, FORCE_COLOR and the terminal. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** The same for standard error. */
export function paintError(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}
