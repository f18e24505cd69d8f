import { code, plain } from '../pipeline/markdown.ts';
import type { Diagnostic } from '../pipeline/mod.ts';

/** Of so many diagnostics the summary tells all; nobody reads more. */
const most = 200;

/**
 * Why a step failed, as Markdown.
 * @param pathOf the path in the repository of a diagnostic's file
 * @param page the address of the page that explains the codes
 */
export function failureSummary(
  diagnostics: readonly Diagnostic[],
  pathOf: (file: string) => string,
  page: (code: string) => string,
): string {
  const items = diagnostics.slice(0, most).map(({ code: id, severity, message, help, position }) => {
    const place = position ? ` at ${code(`${pathOf(position.file)}:${position.line}:${position.column}`)}` : '';
    const sign = severity === 'error' ? '✖' : '⚠️';
    return `- ${sign} [${id}](${page(id)})${place}: ${lines(message)}<br>${lines(help)}`;
  });
  const more = diagnostics.length - most;
  return [...items, ...(more > 0 ? [`- … and ${more} more`] : [])].join('\n');
}

function lines(text: string): string {
  return text.split('\n').map(plain).join('<br>');
}
