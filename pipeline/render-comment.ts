import type { Environment } from './environment.ts';
import { address, code, cut, details } from './markdown.ts';
import { shortDigest } from './release.ts';
import { summaryOf, viewOf } from './render/view.ts';
import { dangers, migrations, permissionChanges, resources } from './tell/changes.ts';
import type { CommentContent } from './tell/content.ts';
import { headOf } from './tell/head.ts';
import { type Picture, pictureOfChanges } from './tell/picture.ts';
import { leftList, removedText, savedLine, whyRemoved } from './tell/removal.ts';
import {
  alert,
  costLine,
  diagnosticLines,
  diagram,
  images,
  permissionTable,
  phaseTable,
  wholeGraph,
} from './tell/sections.ts';
import { commitOf, listed, longestName } from './tell/words.ts';

export type { CommentContent } from './tell/content.ts';

/** By which a forge finds the comment to replace: the first line of what is rendered. */
export function commentMarker(application: string): string {
  return `<!-- fairlead:preview ${encodeURIComponent(application.toWellFormed())} -->`;
}

/** Characters; forges refuse comments over 65,536. */
const limit = 64_000;

/** The Markdown of a pull request's one comment, at most 64,000 characters: what does not fit is named and left out. */
export function renderComment(content: CommentContent): string {
  const { application } = environmentOf(content);
  return assemble(commentMarker(application), sectionsOf(content));
}

type In<State extends CommentContent['state']> = Extract<CommentContent, { state: State }>;

function environmentOf(content: CommentContent): Environment {
  return content.state === 'deployed' ? content.plan.environment : content.environment;
}

function sectionsOf(content: CommentContent): Section[] {
  switch (content.state) {
    case 'deployed':
      return deployedSections(content);
    case 'started':
      return startedSections(content);
    case 'failed':
      return failedSections(content);
    case 'removed':
      return removedSections(content);
  }
}

/** Something that is shown whole or not at all. */
interface Section {
  name: string;
  /** Empty: there is nothing to say. */
  text: string;
}

/** Each section has its own bounds, so that what is left out here is what only all of them together would be too much for. */
function assemble(marker: string, sections: Section[]): string {
  const reserve = 300;
  let text = marker;
  const leftOut: string[] = [];
  for (const section of sections) {
    if (section.text === '') continue;
    if (text.length + section.text.length + reserve > limit) leftOut.push(section.name);
    else text += `\n\n${section.text}`;
  }
  return leftOut.length === 0 ? `${text}\n` : `${text}\n\n_Left out for length: ${listed(leftOut)}._\n`;
}

function deployedSections(content: In<'deployed'>): Section[] {
  const { plan, production, refusals, recreated, links, sizes, cost, before, phases } = content;
  const head = [
    { name: 'the head', text: deployedHead(content) },
    {
      name: 'what production refuses',
      text: alert('CAUTION', 'Production will refuse this release:', refusals, links),
    },
    {
      name: 'why databases are new',
      text: alert('NOTE', 'The databases of this preview were made anew:', recreated, links),
    },
  ];
  if (production.changes.length === 0) {
    const text =
      before === undefined
        ? 'Merging creates production. It has no services and no resources yet.'
        : 'Merging changes no infrastructure, permissions or migrations of production.';
    return [...head, { name: 'what changes', text }, { name: 'the cost', text: costLine(cost) }];
  }
  const { graph } = plan.release.content;
  return [
    ...head,
    ...changeSections(content),
    { name: 'the cost', text: costLine(cost) },
    { name: 'the images', text: images(plan, sizes) },
    { name: 'the times', text: folded('Times', phaseTable(phases)) },
    {
      name: 'the picture of everything',
      text: before === undefined ? '' : details('The whole application', wholeGraph(graph)),
    },
    { name: 'the permissions', text: permissionTable(production.permissions, links) },
  ];
}

function changeSections(content: In<'deployed'>): Section[] {
  const { production, before, links } = content;
  const { changes, release } = production;
  const { graph, databases } = release.content;
  if (before === undefined) return firstSections(content);
  const pending = migrations(changes, databases, links);
  return [
    { name: 'the title', text: '#### What merging changes in production' },
    { name: 'the dangers', text: dangers(changes, links) },
    { name: 'the picture', text: pictureText(pictureOfChanges(before, graph, changes)) },
    { name: 'the resources', text: resources(changes, links) },
    { name: 'the migrations', text: pending },
    { name: 'the permissions that change', text: permissionChanges(changes, links) },
  ];
}

/** All of it is new: what the whole is says more than a list of its parts. */
function firstSections({ production, links }: In<'deployed'>): Section[] {
  const { graph, databases } = production.release.content;
  const { changes } = production;
  const pending = migrations(changes, databases, links);
  return [
    {
      name: 'the title',
      text: `#### Merging creates production\n\nNothing runs there yet. It will have ${summaryOf(viewOf(graph))}.`,
    },
    { name: 'the picture', text: wholeGraph(graph) },
    { name: 'the resources', text: folded('Everything that is new', resources(changes, links)) },
    { name: 'the migrations', text: folded('Migrations of the new databases', pending) },
  ];
}

function pictureText(picture: Picture | 'too-large' | undefined): string {
  if (picture === undefined) return '';
  if (picture === 'too-large') return 'More services change than a picture could show.';
  const { mermaid, legend, leftOut } = picture;
  return `${diagram(mermaid)}\n\n<sub>${legend}${leftOut === '' ? '' : ` Left out: ${leftOut}.`}</sub>`;
}

function folded(title: string, body: string): string {
  return body === '' ? '' : details(title, body);
}

function deployedHead(content: In<'deployed'>): string {
  const { plan, url } = content;
  const { release } = plan;
  return headOf('🟢', plan.environment, `is up at **${address(url)}**`, content, {
    commit: release.source.commit ?? content.links?.commit,
    release: shortDigest(release.digest),
  });
}

function startedSections(content: In<'started'>): Section[] {
  const { environment, url, links } = content;
  const commit = links?.commit;
  const what = commit === undefined ? 'is being updated' : `is being updated to ${commitOf(commit, links)}`;
  return [
    { name: 'the head', text: headOf('🟡', environment, what, content) },
    { name: 'what is running', text: formerText(url) },
  ];
}

function failedSections(content: In<'failed'>): Section[] {
  const { environment, diagnostics, url, isUp = false, links, phases } = content;
  const why =
    diagnostics.length > 0
      ? diagnosticLines(diagnostics, links).join('\n')
      : 'Something unexpected stopped it; the log of the run has the details.';
  const failed = phases?.find((phase) => phase.failed);
  const where = failed ? `: ${code(cut(failed.title, longestName))} failed` : '';
  return [
    {
      name: 'the head',
      text: headOf('🔴', environment, `could not be updated${where}`, content, { commit: links?.commit }),
    },
    { name: 'why', text: why },
    { name: 'what is running', text: isUp && url !== undefined ? upText(url) : formerText(url) },
    { name: 'the times', text: folded('Times', phaseTable(phases)) },
  ];
}

function upText(url: string): string {
  return `What failed is up all the same, for you to look at: **${address(url)}**.`;
}

function formerText(url: string | undefined): string {
  return url === undefined ? '' : `The former release still answers at **${address(url)}**.`;
}

function removedSections(content: In<'removed'>): Section[] {
  const { environment, left, removed = [], saved, unwanted } = content;
  const complete = left.length === 0;
  return [
    {
      name: 'the head',
      text: headOf(complete ? '⚪' : '🔴', environment, complete ? 'is removed' : 'is not removed completely', content),
    },
    { name: 'why', text: whyRemoved(unwanted) },
    { name: 'what is left', text: leftList(left) },
    { name: 'what was removed', text: removedText(removed) },
    { name: 'what it saves', text: savedLine(saved) },
  ];
}
