import type { GraphChange } from './graph-changes.ts';
import { code, prose } from './markdown.ts';

const headings: [GraphChange['action'], string][] = [
  ['add', 'Added'],
  ['change', 'Changed'],
  ['remove', 'Removed'],
];

/** Changes as Markdown: a heading, then what was added, changed and removed, each with its place. Ends without a newline. */
export function renderChanges(names: { before: string; after: string }, changes: GraphChange[]): string {
  const heading = `### Infrastructure from ${code(names.before)} to ${code(names.after)}`;
  if (changes.length === 0) return `${heading}\n\nNo differences.`;
  const sections = headings.flatMap(([action, title]) => {
    const lines = changes.filter((change) => change.action === action).map(line);
    return lines.length > 0 ? [`**${title}**\n\n${lines.join('\n')}`] : [];
  });
  return [heading, ...sections].join('\n\n');
}

function line({ sentence, position, formerPosition, danger }: GraphChange): string {
  const place = position ?? formerPosition;
  return `- ${prose(sentence)}${place ? ` (${code(`${place.file}:${place.line}`)})` : ''}${danger === undefined ? '' : `: ⚠️ ${prose(danger)}`}`;
}
