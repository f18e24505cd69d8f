import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { filesCalling } from '../../github/doctor/calls.ts';
import { callsIn } from '../../github/doctor/workflows.ts';
import type { FoundApplication } from '../../github/init/applications.ts';
import { productionBranch } from '../../github/init/branch.ts';
import { compareFiles, type FileChange, writeFiles } from '../../github/init/changes.ts';
import { fileFor, type TargetName, workflowFiles, workflowsFor } from '../../github/init/workflows.ts';
import { setupError } from '../../github/setup-error.ts';
import { readWorkflowFiles } from '../../github/workflow-files.ts';
import { parseConfig } from '../../pipeline/config.ts';
import { readText } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseApplications, readTree, type Tree } from '../github.ts';
import { paint } from '../paint.ts';

export interface InitOptions {
  target?: TargetName;
  app?: string[];
  region?: string;
  branch?: string;
  forks?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

/** Writes the workflows of a repository. What somebody has changed stays, unless it is forced; the new files are written all the same. */
export async function init(context: Context, options: InitOptions): Promise<Result> {
  const tree = await readTree(context.directory);
  const applications = await chooseApplications({ root: tree.root, directory: context.directory }, options.app);
  const present = readWorkflowFiles(tree.root);
  const target = options.target ?? (await targetOf(tree, applications, present));
  const region = options.region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  const branch = options.branch ?? productionBranch(tree);
  const wanted = workflowFiles({
    applications,
    target,
    branch,
    forks: options.forks ?? false,
    present,
    ...(region && target === 'aws' && { region }),
    ...(options.region && { region: options.region }),
  });
  const changes = compareFiles(wanted, (file) => readText(tree.root, file));
  for (const workflow of workflowsFor({ forks: options.forks ?? false })) {
    if (fileFor(workflow, present) !== undefined) continue;
    const files = filesCalling(workflow, present).join(', ');
    context.report.warn(`${workflow}.yml is called in ${files}: left as it is. fairlead doctor says what it lacks.`);
  }
  const kind = outcome(changes, options);
  // What somebody has changed holds up nothing but itself.
  if (kind === 'written') writeFiles(tree.root, changes);
  if (kind === 'refused')
    writeFiles(
      tree.root,
      changes.filter(({ state }) => state === 'new'),
    );
  for (const { directory, packageManager, lockfile } of applications) {
    if (lockfile !== undefined) continue;
    context.report.warn(
      `${directory} has no lockfile, without which the build stops; ${packageManager} install writes one.`,
    );
  }
  if (target === 'gcp')
    context.report.warn(
      'The target gcp is not there yet: the workflows are ready for it, and stop with FL4018 until it is.',
    );
  return {
    document: {
      kind,
      target,
      branch,
      applications,
      files: changes.map(({ file, state, diff }) => ({ file, state, ...(diff !== undefined && { diff }) })),
    },
    text: [
      ...describe(changes, applications),
      `Production follows the branch ${branch}.`,
      '',
      ...conclude(kind, changes, target),
    ].join('\n'),
    exitCode: kind === 'refused' ? exitCodes.userError : exitCodes.done,
  };
}

const targets: readonly TargetName[] = ['aws', 'gcp', 'local'];

type Kind = 'written' | 'unchanged' | 'refused' | 'dry-run';

function outcome(changes: readonly FileChange[], { force, dryRun }: InitOptions): Kind {
  if (changes.every(({ state }) => state === 'current')) return 'unchanged';
  if (dryRun) return 'dry-run';
  return changes.some(({ state }) => state === 'changed') && !force ? 'refused' : 'written';
}

const signs = { new: '+', changed: '~', current: '=' };
const colors = { new: 'green', changed: 'yellow', current: 'dim' } as const;

function describe(changes: readonly FileChange[], applications: readonly FoundApplication[]): string[] {
  return [
    ...applications.map(
      ({ name, directory, packageManager, lockfile }) =>
        `${paint('bold', name)} in ${directory}, ${packageManager}${lockfile === undefined ? ' without a lockfile' : ` with ${lockfile}`}`,
    ),
    ...changes.flatMap(({ file, state, diff }) => [
      `  ${paint(colors[state], signs[state])} ${file}`,
      ...(diff === undefined ? [] : diff.split('\n').map((line) => `    ${line}`)),
    ]),
  ];
}

function conclude(kind: Kind, changes: readonly FileChange[], target: TargetName): string[] {
  const changed = changes.filter(({ state }) => state === 'changed').map(({ file }) => file);
  const added = changes.filter(({ state }) => state === 'new').length;
  switch (kind) {
    case 'unchanged':
      return ['Everything is there already; nothing changed.'];
    case 'dry-run':
      return [
        `Nothing was written.${changed.length > 0 ? ' What is there would be replaced with --force alone.' : ''}`,
      ];
    case 'refused':
      return [
        `${added === 0 ? 'Nothing was written.' : added === 1 ? 'The new file was written.' : 'The new files were written.'} ` +
          `Somebody has changed ${changed.join(', ')}: take over what you want, or run it again with --force.`,
      ];
    case 'written':
      return next[target];
  }
}

const last =
  '3. Commit the files on a branch and open a pull request with them: production takes what a preview has run.';
const next: Record<TargetName, string[]> = {
  local: [
    '1. Set up a self-hosted runner on the machine that shall keep the environments (docs/github.md).',
    '2. fairlead doctor says which settings on GitHub are missing, and how to make them.',
    last,
  ],
  aws: [
    '1. fairlead bootstrap aws --apply makes the roles; put them into the variables that fairlead doctor names.',
    '2. fairlead doctor says which settings on GitHub are missing, and how to make them.',
    last,
  ],
  gcp: [
    '1. fairlead bootstrap gcp --apply makes the accounts; put them into the variables that fairlead doctor names.',
    '2. fairlead doctor says which settings on GitHub are missing, and how to make them.',
    last,
  ],
};

/** What `fairlead.json` says, else what the workflows that are there do, else what the user at the terminal does. @throws UserError FL6305 when nobody does */
async function targetOf(
  { root }: Tree,
  applications: readonly FoundApplication[],
  present: Readonly<Record<string, string>>,
): Promise<TargetName> {
  const inSettings = applications.flatMap(({ directory }) => writtenTarget(join(root, directory)) ?? []);
  const written = new Set(inSettings.length > 0 ? inSettings : calledTargets(present));
  const [only] = written;
  if (only !== undefined && written.size === 1) return only;
  if (written.size === 0 && process.stdin.isTTY && process.stderr.isTTY) return ask();
  throw setupError(
    'FL6305',
    written.size > 1 ? 'the applications have different targets' : 'it is not said where environments are put up',
    written.size > 1
      ? 'Name the applications of one target with --app, or the target with --target.'
      : 'Add --target aws, --target gcp or --target local, or `target` to fairlead.json.',
  );
}

function calledTargets(present: Readonly<Record<string, string>>): TargetName[] {
  return callsIn(present).flatMap(({ with: { target } }) => targets.find((one) => one === target) ?? []);
}

/** Undefined when the file does not say. @throws UserError FL3002, FL3003 */
function writtenTarget(directory: string): TargetName | undefined {
  const text = readText(directory, 'fairlead.json');
  if (text === undefined) return undefined;
  const { target } = parseConfig(text, 'fairlead.json');
  return 'target' in (JSON.parse(text) as object) ? target : undefined;
}

async function ask(): Promise<TargetName> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = (await terminal.question('Where shall environments be put up: aws, gcp or local? ')).trim();
      const target = targets.find((one) => one === answer);
      if (target) return target;
    }
  } finally {
    terminal.close();
  }
}
