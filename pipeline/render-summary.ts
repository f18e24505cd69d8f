import type { Diagnostic } from '../analyzer/mod.ts';
import type { Cleaned } from './cleanup.ts';
import type { Environment } from './environment.ts';
import { address, code, cut, details, fitting, prose, table } from './markdown.ts';
import type { Plan } from './plan.ts';
import type { Deployment, Outcome } from './ports.ts';
import type { PreviewResult } from './preview.ts';
import type { PromoteResult } from './promote.ts';
import { type Digest, shortDigest } from './release.ts';
import type { ResumeResult } from './resume.ts';
import type { Reviewed } from './reviewed.ts';
import type { RollbackResult } from './rollback.ts';
import { migrations, permissionChanges, resources } from './tell/changes.ts';
import type { CommentContext, Links, Saving } from './tell/content.ts';
import { headOf } from './tell/head.ts';
import { leftList, removedText, savedLine, tally } from './tell/removal.ts';
import { alert, diagnosticLines, images, permissionTable, phaseTable } from './tell/sections.ts';
import { commitOf, count, longestName, longestSentence, moment } from './tell/words.ts';

/** What the page of a job says: the result of a use case, or why there is none. */
export type SummaryContent = CommentContext &
  (
    | { of: 'preview'; environment: Environment; result: PreviewResult }
    | { of: 'promote'; environment: Environment; result: PromoteResult }
    | { of: 'rollback'; environment: Environment; result: RollbackResult }
    | { of: 'resume'; environment: Environment; result: ResumeResult }
    | { of: 'cleanup'; results: readonly Cleaned[]; dryRun: boolean; saved?: Saving }
    /** Nothing was to be done, and why. */
    | { of: 'skipped'; message: string; help: string }
    /** `action` is what was tried, such as `promote`. */
    | { of: 'failed'; action: string; environment?: Environment; diagnostics: readonly Diagnostic[] }
  );

/** The Markdown of a job's page, far below the 1 MiB that GitHub shows: long lists say how many they leave out. */
export function renderSummary(content: SummaryContent): string {
  const { links, phases } = content;
  const log = links?.run === undefined || content.of !== 'failed' ? '' : `The log: ${address(links.run)}`;
  const times = phaseTable(phases);
  return `${[...sectionsOf(content), log, times === '' ? '' : `**Times**\n\n${times}`]
    .filter((text) => text !== '')
    .join('\n\n')}\n`;
}

function sectionsOf(content: SummaryContent): string[] {
  switch (content.of) {
    case 'preview':
      return previewSections(content);
    case 'promote':
      return promoteSections(content);
    case 'rollback':
      return rollbackSections(content);
    case 'resume':
      return resumeSections(content);
    case 'cleanup':
      return cleanupSections(content);
    case 'skipped':
      return [`⚪ **Skipped**: ${sentence(content.message)}.`, next(sentence(content.help))];
    case 'failed':
      return failedSections(content);
  }
}

type Of<Kind extends SummaryContent['of']> = Extract<SummaryContent, { of: Kind }>;

function previewSections(content: Of<'preview'>): string[] {
  const { environment, result, links } = content;
  switch (result.kind) {
    case 'deployed':
    case 'unchanged':
      return [
        upHead(content, result),
        alert('NOTE', 'The databases of this preview were made anew:', result.recreated, links),
        ...deploymentSections(result, links),
        next('Try it out. Merging brings the same release to production.'),
      ];
    case 'superseded':
      return [
        headOf(
          '⚪',
          environment,
          `was left alone: the pull request is at ${commitOf(result.head, links)} by now`,
          content,
        ),
        next('Nothing: the run of that commit brings it up.'),
      ];
    case 'removed':
      return [
        ...removedSections(content, result.destroyed),
        `It was removed because ${sentence(result.unwanted.message)}.`,
        next(sentence(result.unwanted.help)),
      ];
    case 'nothing':
      return [
        headOf('⚪', environment, `is not wanted: ${sentence(result.unwanted.message)}`, content),
        next(sentence(result.unwanted.help)),
      ];
  }
}

function removedSections(
  content: Of<'preview'>,
  { removed, left }: Extract<PreviewResult, { kind: 'removed' }>['destroyed'],
): string[] {
  const complete = left.length === 0;
  const state = complete ? 'is removed' : 'is not removed completely';
  return [headOf(complete ? '⚪' : '🔴', content.environment, state, content), leftList(left), removedText(removed)];
}

function promoteSections(content: Of<'promote'>): string[] {
  const { environment, result, links } = content;
  switch (result.kind) {
    case 'deployed':
    case 'unchanged':
      return [upHead(content, result), proof(result), ...deploymentSections(result, links), next(wayBack(result.plan))];
    case 'held':
      return heldSections(content, result.by);
    case 'superseded':
      return [
        headOf(
          '⚪',
          environment,
          `was left alone: it runs the later commit ${commitOf(result.by.commit, links)}`,
          content,
        ),
        next('Nothing. To go back to an older release, run the rollback workflow.'),
      ];
  }
}

/** A rollback is refused when older code could not live with what the migrations did. */
function wayBack({ changes }: Plan): string {
  const bridges = changes.every(({ kind, danger }) => kind !== 'migration' || danger === undefined);
  return bridges
    ? 'Nothing, when it does what it should. Else run the rollback workflow: it brings back the release before.'
    : 'Nothing, when it does what it should. Else merge a fix: the release before cannot live with the migrations that ran.';
}

/** Why this release may be here. */
function proof({ provenBy, reviewed }: Extract<PromoteResult, { plan: Plan }>): string {
  const run =
    provenBy === undefined ? 'No preview has run this release.' : `${code(provenBy)} has run this very release.`;
  return `**Proof** · ${run} ${reviewText(reviewed)}`;
}

function reviewText(reviewed: Reviewed): string {
  switch (reviewed.kind) {
    case 'seen':
      return `Its reviewers saw all that changes here, in ${code(reviewed.by)}.`;
    case 'nothing-changes':
      return 'It changes nothing of the infrastructure.';
    case 'accepted':
      return 'A maintainer let it through by hand.';
    case 'unseen':
      return `Nobody is known to have seen ${count(reviewed.unseen.length, 'change')}: ${sentence(reviewed.why)}.`;
  }
}

function rollbackSections(content: Of<'rollback'>): string[] {
  const { environment, result, links } = content;
  if (result.kind === 'held') return heldSections(content, result.by);
  if (result.kind === 'superseded')
    return [
      headOf('⚪', environment, `was left alone: release ${code(shortDigest(result.by))} answers by now`, content),
      next('Nothing, unless that release is to go back too: then run the rollback workflow again.'),
    ];
  const { plan, outcome, from, fromSource, missingSecrets } = result;
  const to = plan.release;
  const state = outcome
    ? `is rolled back, at **${address(outcome.url)}**`
    : 'can be rolled back; nothing has changed yet';
  const rows = [
    ['from', code(shortDigest(from)), sourceText(fromSource.commit, links)],
    ['to', code(shortDigest(to.digest)), sourceText(to.source.commit, links)],
  ];
  return [
    headOf(outcome ? '🟢' : '🟡', environment, state, content),
    table(['', 'release', 'commit'], rows),
    '**Schema** · checked: the older code can live with the databases as they are. They keep their schema and their data.',
    outcome ? `**Hold** · Merges after this do not reach ${code(environment.name)} until somebody resumes.` : '',
    missingSecrets.length === 0
      ? ''
      : `> [!CAUTION]\n> These secrets have no value, so it will be refused: ${names(missingSecrets)}`,
    ...(outcome ? deploymentSections({ plan, outcome }, links) : changeSections(plan, links)),
    next(
      outcome
        ? 'Merge a fix. Then run the rollback workflow with the action `resume`.'
        : 'Run the workflow again without dry run.',
    ),
  ];
}

function sourceText(commit: string | undefined, links: Links | undefined): string {
  return commit === undefined ? 'not known' : commitOf(commit, links);
}

function heldSections(content: CommentContext & { environment: Environment }, by: Deployment): string[] {
  const since = `since ${moment(by.at)}`;
  const release = by.release === undefined ? '' : ` to release ${code(shortDigest(by.release))}`;
  const reason = by.reason === undefined ? '' : `, because: ${sentence(by.reason)}`;
  return [
    headOf('🟡', content.environment, `is on hold ${since}; nothing was changed`, content),
    `It was rolled back${release}${reason}.`,
    next('When the fix is merged, run the rollback workflow with the action `resume`. The next run then goes through.'),
  ];
}

function resumeSections(content: Of<'resume'>): string[] {
  const { environment, result } = content;
  if (result.kind === 'not-held') return [headOf('⚪', environment, 'was not on hold', content)];
  return [
    headOf('🟢', environment, `is no longer on hold, as it was since ${moment(result.rollback.at)}`, content),
    next('Run the production workflow, or merge: the next promotion goes through.'),
  ];
}

const verdicts: Record<Cleaned['kind'], string> = {
  left: '🔴 **not removed completely**',
  removed: '⚪ removed',
  removable: '🟡 would be removed',
  kept: '🟢 stays',
  nothing: '⚪ was gone already',
};

/** What needs somebody comes first. */
const verdictOrder: readonly Cleaned['kind'][] = ['left', 'removed', 'removable', 'kept', 'nothing'];

function cleanupSections({ results, dryRun, saved }: Of<'cleanup'>): string[] {
  if (results.length === 0) return ['⚪ **There are no previews.**'];
  const sorted = verdictOrder.flatMap((kind) => results.filter((one) => one.kind === kind));
  const number = (kind: Cleaned['kind']) => results.filter((one) => one.kind === kind).length;
  const gone = dryRun
    ? `${count(number('removable'), 'preview')} would be removed`
    : `${count(number('removed'), 'preview')} removed`;
  const rows = sorted.map((one) => `| ${cleanedRow(one).join(' | ')} |`);
  const { shown, more } = fitting(rows, { count: 500, characters: 80_000 });
  const left = sorted.flatMap(({ environment, left }) =>
    left.map(({ what, why }) => ({ what: `${environment.name} of ${environment.application}: ${what}`, why })),
  );
  return [
    `${left.length > 0 ? '🔴' : dryRun ? '🟡' : '🟢'} **${gone}**, ${number('kept')} kept${left.length > 0 ? `, ${number('left')} not removed completely` : ''}`,
    leftList(left),
    [table(['application', 'preview', 'result', 'why', 'what was there'], []), ...shown].join('\n'),
    more > 0 ? `… and ${count(more, 'preview')} more.` : '',
    savedLine(saved),
    ...removedDetails(sorted),
    dryRun && number('removable') > 0 ? next('Run the cleanup workflow again without dry run.') : '',
  ];
}

function cleanedRow({ environment: { application, name }, kind, unwanted, removed }: Cleaned): string[] {
  return [
    code(cut(application, longestName)),
    code(name),
    verdicts[kind],
    unwanted ? sentence(unwanted.message) : kind === 'kept' ? 'its pull request is open' : '',
    removed.length > 0 ? tally(removed) : '',
  ];
}

function removedDetails(results: readonly Cleaned[]): string[] {
  const all = results.flatMap(({ environment, removed }) =>
    removed.map((what) => `- ${code(environment.name)}: ${prose(cut(what, longestSentence))}`),
  );
  if (all.length === 0) return [];
  const { shown, more } = fitting(all, { count: 1000, characters: 60_000 });
  const lines = more > 0 ? [...shown, `- … and ${more} more`] : shown;
  return [details(`All that was removed (${all.length})`, lines.join('\n'))];
}

function failedSections(content: Of<'failed'>): string[] {
  const { action, environment, diagnostics, links } = content;
  const head = environment
    ? headOf('🔴', environment, `could not ${code(cut(action, longestName))}`, content)
    : `🔴 **${code(cut(action, longestName))} failed**`;
  const why =
    diagnostics.length > 0
      ? diagnosticLines(diagnostics, links).join('\n')
      : 'Something unexpected stopped it. That is a bug of Fairlead; the log has the details.';
  return [head, why];
}

interface Rollout {
  plan: Plan;
  outcome: Outcome;
}

function upHead(
  content: CommentContext & { environment: Environment },
  { kind, plan, outcome, milliseconds }: Rollout & { kind: string; milliseconds: { build: number; apply: number } },
): string {
  const { release } = plan;
  const state = kind === 'unchanged' ? 'was up to date already' : 'is up';
  return headOf(
    '🟢',
    content.environment,
    `${state} at **${address(outcome.url)}**`,
    {
      milliseconds: milliseconds.build + milliseconds.apply,
      ...content,
    },
    {
      commit: release.source.commit ?? content.links?.commit,
      release: shortDigest(outcome.release),
    },
  );
}

function deploymentSections({ plan, outcome }: Rollout, links: Links | undefined): string[] {
  const { started, kept, migrations: ran } = outcome;
  const lines = [
    ['Started', names(started)],
    ['Left alone, as nothing of theirs changed', names(kept)],
    ['Migrations that ran', names(ran.map(({ database, version, name }) => `${database} ${version}_${name}`))],
  ].flatMap(([what, list]) => (list === '' ? [] : [`**${what}** · ${list}`]));
  return [lines.join('\\\n'), ...changeSections(plan, links), images(plan), permissionTable(plan.permissions, links)];
}

function changeSections({ changes, release }: Plan, links: Links | undefined): string[] {
  if (changes.length === 0) return ['The same services and resources as before.'];
  return [
    resources(changes, links),
    migrations(changes, release.content.databases, links),
    permissionChanges(changes, links),
  ];
}

function names(all: readonly Digest[] | readonly string[]): string {
  const { shown, more } = fitting(
    all.map((name) => code(cut(name, longestName))),
    { count: 100, characters: 8_000 },
  );
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function sentence(text: string): string {
  return prose(cut(text, longestSentence));
}

function next(what: string): string {
  return `**What to do next** · ${what}`;
}
