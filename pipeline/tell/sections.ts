import type { Diagnostic, Graph } from '../../analyzer/mod.ts';
import { duration } from '../duration.ts';
import { code, cut, details, fitting, plain, table } from '../markdown.ts';
import type { Permission, Plan } from '../plan.ts';
import { type Digest, shortDigest } from '../release.ts';
import { viewOf } from '../render/view.ts';
import { renderMermaid } from '../render-mermaid.ts';
import type { Cost, Links, Phase } from './content.ts';
import { bytes, diagnosticLine, longestName, money, place } from './words.ts';

/** An alert as forges show it, with a bullet for each diagnostic; '' without any. */
export function alert(
  kind: 'NOTE' | 'WARNING' | 'CAUTION',
  title: string,
  diagnostics: readonly Diagnostic[],
  links: Links | undefined,
): string {
  if (diagnostics.length === 0) return '';
  return [`> [!${kind}]`, title, '', ...diagnosticLines(diagnostics, links)]
    .map((line, index) => (index === 0 ? line : `> ${line}`.trimEnd()))
    .join('\n');
}

/** A bullet for each, or the only one as a paragraph. */
export function diagnosticLines(diagnostics: readonly Diagnostic[], links: Links | undefined): string[] {
  const [only] = diagnostics;
  if (only && diagnostics.length === 1) return [diagnosticLine(only, links)];
  const { shown, more } = fitting(
    diagnostics.map((diagnostic) => `- ${diagnosticLine(diagnostic, links)}`),
    { count: 20, characters: 10_000 },
  );
  return more > 0 ? [...shown, `- … and ${more} more, in the log`] : shown;
}

/** A diagram in Markdown. */
export function diagram(mermaid: string): string {
  return `\`\`\`mermaid\n${mermaid}\n\`\`\``;
}

/** Beyond these a picture of everything can neither be drawn by forges nor be read. */
const most = { nodes: 60, edges: 150, characters: 20_000 };

/** All of the application; a sentence when it is too large for a picture. */
export function wholeGraph(graph: Graph): string {
  const { nodes, edges } = viewOf(graph);
  const mermaid = nodes.length <= most.nodes && edges.length <= most.edges ? renderMermaid(graph) : '';
  if (mermaid !== '' && mermaid.length <= most.characters) return diagram(mermaid);
  return `With ${nodes.length} services and resources it is too large for a picture here; \`fairlead graph\` draws it.`;
}

/** `**Cost of production** · 41.20 USD a month, 7.50 USD more than now (…)`; '' where nobody knows prices. */
export function costLine(cost: Cost | undefined): string {
  if (!cost) return '';
  const { before, after, currency, source } = cost;
  const difference = before === undefined ? undefined : Math.round((after - before) * 100) / 100;
  const compared =
    difference === undefined
      ? ''
      : difference === 0
        ? ', as now'
        : `, ${money(Math.abs(difference), currency)} ${difference > 0 ? 'more' : 'less'} than now`;
  return `**Cost of production** · ${money(after, currency)} a month${compared} (${code(cut(source, 80))})`;
}

/** The images of the processes; '' without any. */
export function images({ processes }: Plan, sizes: Readonly<Record<Digest, number>> = {}): string {
  const known = processes.some(({ image }) => sizes[image] !== undefined);
  const rows = processes.map(({ name, image }) => {
    const size = sizes[image];
    return [
      code(cut(name, longestName)),
      code(shortDigest(image)),
      ...(known ? [size === undefined ? '' : bytes(size)] : []),
    ];
  });
  return foldedTable('Images', ['process', 'image', ...(known ? ['size'] : [])], rows, {
    count: 60,
    characters: 5_000,
  });
}

/** What each phase took, with a bar; '' without any. */
export function phaseTable(phases: readonly Phase[] = []): string {
  if (phases.length === 0) return '';
  const longest = Math.max(1, ...phases.map(({ milliseconds = 0 }) => milliseconds));
  const rows = phases.slice(0, 60).map(({ title, depth = 0, milliseconds, failed = false }) => {
    return [
      `${'&nbsp;'.repeat(Math.min(depth, 8) * 4)}${plain(cut(title, longestName))}${failed ? ' **failed**' : ''}`,
      milliseconds === undefined ? 'stopped' : duration(milliseconds),
      milliseconds ? '█'.repeat(Math.max(1, Math.round((milliseconds / longest) * barLength))) : '',
    ];
  });
  const more = phases.length - rows.length;
  return [
    table(['phase', 'time', ''], rows).replace('| --- | --- | --- |', '| --- | ---: | --- |'),
    ...(more > 0 ? [`… and ${more} more.`] : []),
  ].join('\n\n');
}

/** Characters of the longest bar. */
const barLength = 24;

/** What every service may do, and which line takes it; '' when none may do anything. */
export function permissionTable(all: readonly Permission[], links: Links | undefined): string {
  const rows = all.map(({ service, resource, operations, positions }) => [
    code(cut(service, longestName)),
    operations.join(', '),
    `${resource.kind} ${code(cut(nameOf(resource), longestName))}`,
    positions
      .slice(0, 2)
      .map((position) => place(position, links))
      .join(' '),
  ]);
  return foldedTable('All permissions', ['service', 'may', 'what', 'because of'], rows, {
    count: 150,
    characters: 12_000,
  });
}

function nameOf(resource: Permission['resource']): string {
  if (resource.kind === 'endpoint') return `${resource.service}.${resource.name}`;
  return resource.kind === 'subscription' ? `${resource.topic} → ${resource.name}` : resource.name;
}

function foldedTable(
  title: string,
  head: string[],
  rows: string[][],
  room: { count: number; characters: number },
): string {
  if (rows.length === 0) return '';
  const { shown, more } = fitting(
    rows.map((row) => `| ${row.join(' | ')} |`),
    room,
  );
  const body = [table(head, []), ...shown].join('\n');
  return details(`${title} (${rows.length})`, more > 0 ? `${body}\n\n… and ${more} more.` : body);
}
