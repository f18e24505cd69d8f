import { join, posix } from 'node:path';
import { analyze } from '../analyzer/analyze.ts';
import { readRegularFile } from '../analyzer/regular-file.ts';
import { errorPage, errorSections } from '../github/error-pages.ts';
import { applicationAt, findApplications } from '../github/init/applications.ts';
import { repositoryOf } from '../github/repository.ts';
import { renderSarif } from '../github/sarif.ts';
import { parseConfig, type Reporter, UserError } from '../pipeline/mod.ts';
import { version } from '../pipeline/version.ts';
import type { Application, Checkout, Run } from './runner.ts';

interface CheckoutOptions {
  run: Run;
  env: Readonly<Record<string, string | undefined>>;
  report: Reporter;
}

/** The sources in the runner's workspace. */
export function openCheckout({ run, env, report }: CheckoutOptions): Checkout {
  const { workspace } = run;
  // For the life of the job: what was analyzed is not computed again to be built.
  const cache = join(run.temp, 'fairlead-cache');
  const rootOf = ({ directory }: Application) => join(workspace, directory);
  return {
    application: (directory) => findApplication(workspace, directory),
    analyze: (application) => analyze({ root: rootOf(application), cache }),
    async sarif(application, diagnostics) {
      const root = rootOf(application);
      return renderSarif(diagnostics, {
        repository: repositoryOf(root),
        sourceOf: (file) => readText(join(root, file)),
        sections: errorSections(),
        errorPage: errorPage(env),
        version,
      });
    },
    async analyzeAt(commit, application) {
      const { graphAt } = await import('./graph-at.ts');
      return graphAt(commit, rootOf(application), cache);
    },
    async build({ directory, config }, to) {
      const { buildHandover } = await import('./build-handover.ts');
      return buildHandover({ root: join(workspace, directory), config, cache, env, report, ...to });
    },
  };
}

async function findApplication(workspace: string, wanted: string): Promise<Application> {
  const directory = posix.normalize(wanted).replace(/(?<=.)\/$/, '');
  if (posix.isAbsolute(directory) || directory === '..' || directory.startsWith('../')) throw outside(wanted);
  const found = (await findApplications(workspace)).map((one) => one.directory);
  const isThere = readText(join(workspace, directory, 'package.json')) !== undefined;
  // A named directory is the user's word; the root is what nobody has chosen.
  if (!isThere || (directory === '.' && !found.includes('.'))) throw notThere(wanted, found);
  const { name } = applicationAt(workspace, directory);
  const config = parseConfig(readText(join(workspace, directory, 'fairlead.json')) ?? '{}', 'fairlead.json');
  return { name, directory, config };
}

/** Undefined when there is no such file. */
function readText(path: string): string | undefined {
  try {
    return readRegularFile(path).toString('utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function outside(directory: string): UserError {
  return new UserError({
    code: 'FL6023',
    severity: 'error',
    message: `the input \`directory\` is ${JSON.stringify(directory)}, which is not in the repository`,
    help: 'Write it relative to the root of the repository, such as `apps/shop`.',
  });
}

function notThere(directory: string, found: readonly string[]): UserError {
  const where = placeOf(directory);
  const [first] = found;
  if (first === undefined) {
    return new UserError({
      code: 'FL6023',
      severity: 'error',
      message: `there is no application ${where}`,
      help: 'An application is a directory with a `package.json` whose sources declare services. Set `directory:` in the workflow to it, and check the repository out before this step.',
    });
  }
  if (found.length === 1) {
    return new UserError({
      code: 'FL6023',
      severity: 'error',
      message: `there is no application ${where}, but one ${placeOf(first)}`,
      help: `Set \`directory: ${first}\` in the workflow.`,
    });
  }
  return new UserError({
    code: 'FL6024',
    severity: 'error',
    message: `there is no application ${where}, but several elsewhere: ${found.map((one) => `\`${one}\``).join(', ')}`,
    help: `Set \`directory:\` in the workflow to one of them, such as \`directory: ${first}\`, and call the workflow once for each.`,
  });
}

function placeOf(directory: string): string {
  return directory === '.' ? 'at the root of the repository' : `in \`${directory}\``;
}
