import { join } from 'node:path';
import { type Diagnostic, UserError } from '../../analyzer/diagnostic.ts';
import { type ApplicationFacts, checkApplications } from '../../github/doctor/application.ts';
import { type Check, type Finding, inGroup, skipped } from '../../github/doctor/check.ts';
import { checkRepository } from '../../github/doctor/repository.ts';
import { checkSettings, countSettings } from '../../github/doctor/settings.ts';
import { callsIn, checkWorkflows } from '../../github/doctor/workflows.ts';
import { type GitFacts, git, parseSlug } from '../../github/git.ts';
import { type FoundApplication, findApplications } from '../../github/init/applications.ts';
import { setupError } from '../../github/setup-error.ts';
import { readWorkflowFiles, workflowDirectory } from '../../github/workflow-files.ts';
import { parseConfig } from '../../pipeline/config.ts';
import { readText } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { openGitHub, readGitOr } from '../github.ts';
import { paint } from '../paint.ts';

export interface DoctorOptions {
  repository?: string;
}

/** Looks at everything that a first run on GitHub could trip over. Changes nothing. */
export async function doctor(context: Context, { repository }: DoctorOptions): Promise<Result> {
  const facts = named(await readGitOr(context.directory), repository);
  const checks = inGroup('repository', checkRepository(facts));
  if (facts.root !== undefined) checks.push(...(await checksIn({ ...facts, root: facts.root }, context)));
  const counts = {
    failed: checks.filter(({ state }) => state === 'failed').length,
    warnings: checks.filter(({ state }) => state === 'warning').length,
    skipped: checks.filter(({ state }) => state === 'skipped').length,
  };
  return {
    document: { repository: facts.slug ?? null, ...counts, checks },
    text: render(checks, counts),
    exitCode: counts.failed > 0 ? exitCodes.userError : exitCodes.done,
  };
}

function named(facts: GitFacts, repository: string | undefined): GitFacts {
  if (repository === undefined) return facts;
  const slug = parseSlug(repository);
  if (slug) return { ...facts, slug };
  throw setupError(
    'FL6303',
    `${JSON.stringify(repository)} is no repository on GitHub`,
    'Name it: --repository owner/name.',
  );
}

async function checksIn(facts: GitFacts & { root: string }, context: Context): Promise<Check[]> {
  const { root, slug, remoteName = 'origin', defaultBranch, localBranches = [], remoteBranches = [] } = facts;
  const found = await findApplications(root);
  const applications: (ApplicationFacts & { target: string })[] = [];
  for (const application of found) applications.push(await examine(root, application, context));
  const files = readWorkflowFiles(root);
  const onDefaultBranch =
    defaultBranch === undefined ? undefined : await filesOf(root, `refs/remotes/${remoteName}/${defaultBranch}`);
  const request = slug && (await openGitHub(process.env, context.report));
  const settings = async (): Promise<Finding[]> => {
    if (!slug) return [skipped('settings', 'the settings of a repository that is not on GitHub')];
    if (!request) {
      const unread = await countSettings(callsIn(files));
      return [{ ...skipped('settings', 'there is no token to read the settings on GitHub with'), unread }];
    }
    return context.report.step('Read the settings on GitHub', () =>
      checkSettings({ slug, calls: callsIn(files), request }),
    );
  };
  return [
    ...inGroup('application', checkApplications(applications)),
    ...inGroup(
      'workflows',
      checkWorkflows({
        files,
        onDefaultBranch,
        applications,
        branches: [...localBranches, ...remoteBranches],
        uncommitted: await uncommittedFiles(root),
      }),
    ),
    ...inGroup('settings', await settings()),
  ];
}

/** What a build would refuse, without building. */
async function examine(
  root: string,
  application: FoundApplication,
  { cacheDirectory, report }: Context,
): Promise<ApplicationFacts & { target: string }> {
  const directory = join(root, application.directory);
  const { analyze } = await import('../../analyzer/analyze.ts');
  const { graph, diagnostics } = await report.step(`Analyze ${application.name}`, () =>
    analyze({ root: directory, cache: cacheDirectory }),
  );
  const { target, wrong } = settingsOf(directory);
  return {
    ...application,
    target,
    diagnostics: [...diagnostics, ...wrong],
    secrets: graph?.secrets.map(({ name }) => name) ?? [],
  };
}

function settingsOf(directory: string): { target: string; wrong: readonly Diagnostic[] } {
  try {
    return { target: parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json').target, wrong: [] };
  } catch (error) {
    if (error instanceof UserError) return { target: 'local', wrong: error.diagnostics };
    throw error;
  }
}

async function uncommittedFiles(root: string): Promise<string[]> {
  const listed = await git(root, 'status', '--porcelain', '-z', '--no-renames', '-uall', '--', workflowDirectory);
  // Each is two letters of its state, a space, and the path.
  return (listed ?? '')
    .split('\0')
    .filter(Boolean)
    .map((entry) => entry.slice(3));
}

/** The workflows of a commit, as git has it; undefined when it has none of that name. */
async function filesOf(root: string, commit: string): Promise<Record<string, string> | undefined> {
  const listed = await git(root, 'ls-tree', '-r', '--name-only', commit, '--', workflowDirectory);
  if (listed === undefined) return undefined;
  const names = listed.split('\n').filter(Boolean);
  const texts = await Promise.all(names.map((name) => git(root, 'cat-file', 'blob', `${commit}:${name}`)));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

const signs = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };
const colors = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;
const titles = { repository: 'Repository', application: 'Application', workflows: 'Workflows', settings: 'On GitHub' };

function render(
  checks: readonly Check[],
  { failed, warnings, skipped }: { failed: number; warnings: number; skipped: number },
): string {
  const groups = (Object.keys(titles) as (keyof typeof titles)[]).flatMap((group) => {
    const own = checks.filter((check) => check.group === group);
    return own.length === 0 ? [] : [[paint('bold', titles[group]), ...own.map(line)].join('\n')];
  });
  const counted = [
    ...(failed > 0 ? [`${failed} would fail a first run`] : []),
    ...(warnings > 0 ? [`${warnings} could be better`] : []),
    ...(skipped > 0 ? [`${skipped} not known`] : []),
  ];
  const unread = checks.find((check) => check.unread)?.unread;
  if (failed === 0 && unread !== undefined) return [...groups, undecided(unread, warnings)].join('\n\n');
  const verdict = failed > 0 ? paint('red', 'Not ready') : paint('green', 'Ready');
  return [...groups, `${verdict}${counted.length > 0 ? `: ${counted.join(', ')}` : ''}.`].join('\n\n');
}

/** What was not looked at is not ready. */
function undecided(unread: number, warnings: number): string {
  const found = warnings === 0 ? 'Nothing found' : `Nothing that would fail a first run, ${warnings} could be better`;
  const mend = 'set GITHUB_TOKEN or run gh auth login';
  return `${paint('yellow', found)}, but ${unread} settings on GitHub were not looked at: ${mend}.`;
}

function line({ state, message, mend }: Check): string {
  return [`  ${paint(colors[state], signs[state])} ${message}`, ...(mend ? [`      ${paint('dim', mend)}`] : [])].join(
    '\n',
  );
}
