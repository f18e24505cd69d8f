import type { Diagnostic } from '../analyzer/diagnostic.ts';
import type { Repository } from './repository.ts';

/** How many annotations of one kind GitHub shows of a step. */
const shown = 10;

/**
 * Diagnostics as workflow commands, one per line: GitHub Actions shows each as an annotation on its line. Of each kind only as many
 * as are shown, and a notice that says how many are left.
 */
export function renderAnnotations(diagnostics: readonly Diagnostic[], { pathOf }: Repository): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  const more = [leftOver(errors.length, 'error'), leftOver(warnings.length, 'warning')].filter((text) => text !== '');
  return [
    ...[...errors.slice(0, shown), ...warnings.slice(0, shown)].map((diagnostic) => annotation(diagnostic, pathOf)),
    ...(more.length > 0
      ? [`::notice title=Fairlead::${more.join(' and ')} not shown here: "fairlead check" prints all of them.`]
      : []),
  ];
}

/**
 * Text for the log of a workflow, none of whose lines the runner takes for a command: those begin with `::`, or have `##[` anywhere.
 * A space without width keeps the characters apart. The runner passes over U+0085 at the start of a line as over other space.
 */
export function inert(text: string): string {
  return text.replace(/^([[\s\u0085]--[\n\r\u2028\u2029]]*):(?=:)/gmv, '$1:\u200b').replaceAll('##[', '##\u200b[');
}

function leftOver(count: number, kind: string): string {
  const left = count - shown;
  return left > 0 ? `${left} more ${kind}${left === 1 ? '' : 's'}` : '';
}

function annotation(
  { code, severity, message, help, position, related = [] }: Diagnostic,
  pathOf: Repository['pathOf'],
) {
  const places = related.map((other) => `${other.message}: ${pathOf(other.position.file)}:${other.position.line}`);
  const properties = { ...(position && place(position, pathOf)), title: code };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${list.join(',')}::${escapeData([message, ...places, help].join('\n'))}`;
}

/** GitHub takes columns only of what is on one line. */
function place(
  { file, line, column, endLine = line, endColumn }: NonNullable<Diagnostic['position']>,
  pathOf: Repository['pathOf'],
): Record<string, string | number> {
  const columns = endLine === line ? { col: column, ...(endColumn !== undefined && { endColumn }) } : {};
  return { file: pathOf(file), line, endLine, ...columns };
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
