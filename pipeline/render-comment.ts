import type { Diagnostic, Position } from '../analyzer/mod.ts';
import type { Environment } from './environment.ts';
import { code, details, plain, table } from './markdown.ts';
import type { Change, Permission, Plan } from './plan.ts';
import type { Destroyed } from './ports.ts';
import { renderMermaid } from './render-mermaid.ts';

/** By which a forge finds the comment to replace. */
export const commentMarker = '<!-- fairlead:preview -->';

/** Characters; forges refuse comments over 65,536. */
const limit = 64_000;

/** What a pull request's comment is about. */
export type CommentContent =
  | {
      state: 'deployed';
      plan: Plan;
      url: string;
      /** The same release planned for production: what merging would change there. */
      production: Plan;
      /** Whether production runs something to compare with. */
      productionExists: boolean;
      /** Why production would refuse this release. */
      refusals: readonly Diagnostic[];
      /** Why the preview's databases were made anew; empty when they were kept. */
      recreated: readonly Diagnostic[];
    }
  | { state: 'failed'; environment: Environment; diagnostics: readonly Diagnostic[]; url?: string }
  | { state: 'removed'; environment: Environment; left: Destroyed['left'] };

/** The Markdown of a pull request's one comment, at most 64,000 characters: what does not fit is named and left out. */
export function renderComment(content: CommentContent): string {
  switch (content.state) {
    case 'deployed':
      return assemble(deployedSections(content));
    case 'failed':
      return assemble(failedSections(content));
    case 'removed':
      return assemble(removedSections(content));
  }
}

interface Section {
  name: string;
  text: string;
}

function assemble(sections: Section[]): string {
  let text = commentMarker;
  const leftOut: string[] = [];
  const reserve = 200;
  for (const section of sections) {
    if (section.text === '') continue;
    if (text.length + section.text.length + reserve > limit) leftOut.push(section.name);
    else text += `\n\n${section.text}`;
  }
  return leftOut.length === 0 ? `${text}\n` : `${text}\n\n_Left out for length: ${leftOut.join(', ')}._\n`;
}

type Deployed = Extract<CommentContent, { state: 'deployed' }>;

function deployedSections(content: Deployed): Section[] {
  const { plan, url, production, recreated, refusals } = content;
  const { graph } = plan.release.content;
  const digest = plan.release.digest.slice('sha256:'.length, 'sha256:'.length + 12);
  return [
    { name: 'the head', text: `${heading(plan.environment, 'is running')}\n\n**<${url}>** · release ${code(digest)}` },
    { name: 'why databases are new', text: anew(recreated) },
    { name: 'what production refuses', text: refused(refusals) },
    { name: 'unsafe migrations', text: dangers(production.changes) },
    { name: 'what changes', text: changes(content) },
    { name: 'the graph', text: details('Infrastructure', `\`\`\`mermaid\n${renderMermaid(graph)}\n\`\`\``) },
    { name: 'the permissions', text: permissions(plan.permissions) },
  ];
}

function failedSections({ environment, diagnostics, url }: Extract<CommentContent, { state: 'failed' }>): Section[] {
  const why =
    diagnostics.length > 0
      ? diagnostics.map((diagnostic) => `- ${sentenceOf(diagnostic)}`).join('\n')
      : 'Something unexpected stopped it; the log of the run has the details.';
  return [
    { name: 'the head', text: heading(environment, 'could not be updated') },
    { name: 'why', text: why },
    { name: 'what is running', text: url === undefined ? '' : `The former release still answers at **<${url}>**.` },
  ];
}

function removedSections({ environment, left }: Extract<CommentContent, { state: 'removed' }>): Section[] {
  if (left.length === 0) return [{ name: 'the head', text: heading(environment, 'is removed') }];
  return [
    { name: 'the head', text: heading(environment, 'is not removed completely') },
    { name: 'what is left', text: left.map(({ what, why }) => `- ${code(what)}: ${plain(why)}`).join('\n') },
    { name: 'what to do', text: 'Run the cleanup again; it goes on where this one stopped.' },
  ];
}

function heading({ application, name }: Environment, state: string): string {
  return `### ${code(name)} of ${code(application)} ${state}`;
}

function anew(why: readonly Diagnostic[]): string {
  if (why.length === 0) return '';
  const lines = why.map(({ message, position }) => `> - ${plain(message)}${place(position)}`);
  return ['> [!NOTE]\n> The databases of this preview were made anew:', ...lines].join('\n');
}

function refused(why: readonly Diagnostic[]): string {
  if (why.length === 0) return '';
  const lines = why.map((diagnostic) => `> - ${sentenceOf(diagnostic)}`);
  return ['> [!CAUTION]\n> Production will refuse this release:', ...lines].join('\n');
}

function sentenceOf({ code: name, message, help, position }: Diagnostic): string {
  return `**${name}** ${plain(message)}${place(position)}. ${plain(help)}`;
}

function place(position: Position | undefined): string {
  return position ? ` (${code(`${position.file}:${position.line}`)})` : '';
}

function dangers(all: Change[]): string {
  const dangerous = all.filter((change) => change.danger !== undefined);
  if (dangerous.length === 0) return '';
  return [
    '> [!WARNING]\n> Merging this cannot be undone by a rollback, or loses something:',
    ...dangerous.map(
      ({ sentence, danger, position }) => `> - ${plain(sentence)}${place(position)}: ${plain(danger ?? '')}`,
    ),
  ].join('\n');
}

const longest = 60;

function changes({ production, productionExists }: Deployed): string {
  const title = productionExists
    ? '#### What merging changes in production'
    : '#### What merging puts into production, which does not exist yet';
  if (production.changes.length === 0)
    return `${title}\n\nNothing of the infrastructure: the same services and resources.`;
  const lines = production.changes.slice(0, longest).map(changeLine);
  const more = production.changes.length - lines.length;
  return [title, '', ...lines, ...(more > 0 ? [`- … and ${more} more`] : [])].join('\n');
}

const signs: Record<Change['action'], string> = { add: '➕', change: '✏️', remove: '➖' };

function changeLine({ action, sentence, position, danger }: Change): string {
  return `- ${signs[action]} ${plain(sentence)}${place(position)}${danger === undefined ? '' : ' ⚠️'}`;
}

function permissions(all: Permission[]): string {
  if (all.length === 0) return '';
  const rows = all.map(({ service, resource, operations, positions }) => [
    code(service),
    operations.join(', '),
    `${resource.kind} ${code(resourceName(resource))}`,
    positions
      .slice(0, 3)
      .map(({ file, line }) => code(`${file}:${line}`))
      .join(' '),
  ]);
  return details(`Permissions (${all.length})`, table(['service', 'may', 'what', 'because of'], rows));
}

function resourceName(resource: Permission['resource']): string {
  if (resource.kind === 'endpoint') return `${resource.service}.${resource.name}`;
  return resource.kind === 'subscription' ? `${resource.topic} → ${resource.name}` : resource.name;
}
