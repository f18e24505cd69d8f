import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { FoundApplication } from '../../github/init/applications.ts';
import { productionBranch } from '../../github/init/branch.ts';
import { compareFiles, type FileChange, writeFiles } from '../../github/init/changes.ts';
import { type TargetName, workflowFiles } from '../../github/init/workflows.ts';
import { setupError } from '../../github/setup-error.ts';
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

/** Writes the workflows of a repository. What somebody has changed stays, unless it is forced. */
export async function init(context: Context, options: InitOptions): Promise<Result> {
  const tree = await readTree(context.directory);
  const applications = await chooseApplications(tree.root, options.app);
  const target = options.target ?? (await targetOf(tree, applications));
  const region = options.region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  const branch = options.branch ?? productionBranch(tree);
  const wanted = workflowFiles({
    applications,
    target,
    branch,
    forks: options.forks ?? false,
    ...(region && target === 'aws' && { region }),
    ...(options.region && { region: options.region }),
  });
  const changes = compareFiles(wanted, (file) => readText(tree.root, file));
  const kind = outcome(changes, options);
  if (kind === 'written') writeFiles(tree.root, changes);
  for (const { directory, packageManager, lockfile } of applications) {
    if (lockfile !== undefined) continue;
    context.report.warn(
      `${directory} has no lockfile, without which the build stops; ${packageManager} install writes one.`,
    );
  }
  if (target !== 'local') {
    context.report.warn(
      `The target ${target} is not there yet: the workflows are ready for it, and stop with FL4018 until it is.`,
    );
  }
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
  const changed = changes.filter(({ state }) => state === 'changed').length;
  switch (kind) {
    case 'unchanged':
      return ['Everything is there already; nothing changed.'];
    case 'dry-run':
      return [`Nothing was written.${changed > 0 ? ' What is there would be replaced with --force alone.' : ''}`];
    case 'refused':
      return [
        `Nothing was written: ${changed === 1 ? 'a file' : `${changed} files`} would be replaced. Take over what you want, or run it again with --force.`,
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

/** What `fairlead.json` says, else what the user at the terminal does. @throws UserError FL6305 when nobody does */
async function targetOf({ root }: Tree, applications: readonly FoundApplication[]): Promise<TargetName> {
  const written = new Set(applications.flatMap(({ directory }) => writtenTarget(join(root, directory)) ?? []));
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
      if (answer === 'aws' || answer === 'gcp' || answer === 'local') return answer;
    }
  } finally {
    terminal.close();
  }
}
