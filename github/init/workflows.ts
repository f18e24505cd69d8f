import { filesCalling } from '../doctor/calls.ts';
import type { KitWorkflow } from '../kit.ts';
import { setupError } from '../setup-error.ts';
import type { FoundApplication } from './applications.ts';
import { fillTemplate, type JobFilling, readTemplate, yamlValue } from './template.ts';

export type TargetName = 'aws' | 'gcp' | 'local';

export interface RepositoryFacts {
  /** Not empty. */
  applications: readonly Pick<FoundApplication, 'directory' | 'name'>[];
  target: TargetName;
  /** Of the cloud; absent for the variable that says it. */
  region?: string;
  branch: string;
  /** Whether pull requests of forks may have previews. */
  forks: boolean;
  /** The workflows that are there, by path; none by default. */
  present?: Readonly<Record<string, string>>;
}

/** What a variable of the repository on GitHub is to say. */
export interface Variable {
  name: string;
  /** What it is, to continue "is". */
  meaning: string;
}

/** Which environment's rights the jobs of a workflow have. */
const environments: Record<KitWorkflow, 'preview' | 'preview-fork' | 'production'> = {
  preview: 'preview',
  cleanup: 'preview',
  'fork-preview': 'preview-fork',
  production: 'production',
  rollback: 'production',
};

/** The workflows a repository gets, in the order in which they are told. */
export function workflowsFor({ forks }: Pick<RepositoryFacts, 'forks'>): KitWorkflow[] {
  return ['preview', 'production', 'rollback', 'cleanup', ...(forks ? ['fork-preview' as const] : [])];
}

/**
 * Path in the repository → text, for each workflow that has a file of its own.
 * @throws UserError FL6312 for a directory or a region that would be more than a value there
 */
export function workflowFiles(facts: RepositoryFacts): Record<string, string> {
  for (const { directory } of facts.applications) requireValue('directory', directory);
  if (facts.region !== undefined) requireValue('region', facts.region);
  return Object.fromEntries(
    workflowsFor(facts).flatMap((workflow) => {
      const file = fileFor(workflow, facts.present ?? {});
      return file === undefined ? [] : [[file, fillTemplate(readTemplate(workflow), filling(workflow, facts))]];
    }),
  );
}

/** GitHub evaluates expressions wherever they stand, and a line break can begin another key. */
function requireValue(what: string, value: string): void {
  if (!/\p{Cc}|[\u2028\u2029]|\$\{\{/u.test(value)) return;
  throw setupError(
    'FL6312',
    `the ${what} ${JSON.stringify(value)} would not be taken literally in a workflow`,
    'Choose a name without control characters and `${{`, or name the other applications with --app. Nothing was written.',
  );
}

/**
 * The file that a workflow belongs to: the one that calls it already, whatever its name. Undefined where several do, or where
 * one calls others too: what somebody has divided in another way is not written over.
 */
export function fileFor(workflow: KitWorkflow, present: Readonly<Record<string, string>>): string | undefined {
  const [file, ...more] = filesCalling(workflow, present);
  if (file === undefined) return workflowFile(workflow);
  const others = workflowsFor({ forks: true }).filter((one) => one !== workflow);
  const isShared = others.some((one) => filesCalling(one, present).includes(file));
  return more.length > 0 || isShared ? undefined : file;
}

export function workflowFile(workflow: KitWorkflow): string {
  return `.github/workflows/fairlead-${workflow}.yml`;
}

function filling(workflow: KitWorkflow, facts: RepositoryFacts) {
  const values = { target: facts.target, ...credentials(workflow, facts) };
  // Cleanup is for the repository as a whole: what has no pull request any more may have no directory either.
  if (workflow === 'cleanup') return { jobs: [{ with: values }], branch: facts.branch };
  const several = facts.applications.length > 1;
  const names = uniqueNames(facts.applications);
  const jobs = facts.applications.map(
    ({ directory }, index): JobFilling => ({
      ...(several && { application: names[index]! }),
      with: { directory: yamlValue(directory), ...values },
    }),
  );
  return { jobs, branch: facts.branch };
}

/** What is said of how a job gets at its target. */
function credentials(workflow: KitWorkflow, { target, region }: RepositoryFacts): Record<string, string | undefined> {
  if (target === 'local') return {};
  const given = {
    region: region === undefined ? reference('FAIRLEAD_REGION') : yamlValue(region),
    // Jobs that speak with a cloud need no machine of one's own.
    'runs-on': undefined,
    'deploy-runs-on': undefined,
  };
  const environment = environments[workflow];
  if (target === 'aws') return { ...given, role: reference(roleVariable(environment)) };
  return {
    ...given,
    'workload-identity-provider': reference('FAIRLEAD_WORKLOAD_IDENTITY_PROVIDER'),
    'service-account': reference(accountVariable(environment)),
  };
}

function reference(variable: string): string {
  return `\${{ vars.${variable} }}`;
}

/** The variable that names the role of an environment: `FAIRLEAD_PREVIEW_ROLE`. */
export function roleVariable(environment: string): string {
  return `FAIRLEAD_${upper(environment)}_ROLE`;
}

/** The variable that names the service account of an environment: `FAIRLEAD_PREVIEW_SERVICE_ACCOUNT`. */
export function accountVariable(environment: string): string {
  return `FAIRLEAD_${upper(environment)}_SERVICE_ACCOUNT`;
}

function upper(environment: string): string {
  return environment.toUpperCase().replaceAll('-', '_');
}

/** Names of jobs: of the application, with its place where two are called alike. */
function uniqueNames(applications: RepositoryFacts['applications']): string[] {
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'application';
  const names = applications.map(({ name }) => slug(name));
  return applications.map(({ directory }, index) =>
    names.filter((name) => name === names[index]).length > 1 ? `${names[index]}-${slug(directory)}` : names[index]!,
  );
}
