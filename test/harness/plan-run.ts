import type { Value } from './expressions.ts';
import type { Source } from './job.ts';
import type { JobDefinition, Workflow } from './model.ts';
import { NotModelled, StartupFailure } from './not-modelled.ts';
import { readWorkflow } from './parse.ts';
import { jobPermissions, type Permissions } from './permissions.ts';

/** A workflow with everything that it calls, before anything of it runs. */
export interface Graph {
  workflow: Workflow;
  source: Source;
  jobs: PlannedJob[];
}

export interface PlannedJob {
  definition: JobDefinition;
  /** As written, before what the event takes away. */
  permissions: Permissions;
  called?: Graph;
}

/** https://github.blog/changelog/2025-11-06-new-releases-for-github-actions-november-2025/ */
const deepest = 10;

/**
 * Reads a workflow and those that it calls, and checks what GitHub checks before a run starts: references, inputs, secrets and
 * permissions.
 * https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations
 * @throws StartupFailure
 */
export async function planRun(
  file: string,
  source: Source,
  inherited: Permissions,
  sourceOf: (repository: string, ref: string) => Source | undefined,
  depth = 0,
): Promise<Graph> {
  if (depth > deepest) throw new StartupFailure(`${file}: workflows call each other more than ${deepest} deep`);
  const content = source.files[file];
  if (content === undefined)
    throw new StartupFailure(`workflow was not found: ${source.repository}/${file}@${source.ref}`);
  const workflow = await readWorkflow(file, content);
  if (workflow.concurrency) throw new NotModelled(`concurrency of a whole workflow (${file})`);
  const jobs: PlannedJob[] = [];
  for (const definition of workflow.jobs) {
    const permissions = jobPermissions(definition, workflow, inherited, depth > 0);
    if (definition.uses === undefined) {
      jobs.push({ definition, permissions });
      continue;
    }
    if (definition.concurrency) throw new NotModelled(`concurrency of a job that calls a workflow (${file})`);
    const place = whereIs(definition.uses, source, sourceOf);
    const called = await planRun(place.path, place.source, permissions, sourceOf, depth + 1);
    checkCall(definition, called.workflow);
    jobs.push({ definition, permissions, called });
  }
  return { workflow, source, jobs };
}

function whereIs(
  uses: string,
  source: Source,
  sourceOf: (repository: string, ref: string) => Source | undefined,
): { source: Source; path: string } {
  if (uses.startsWith('./') || uses.startsWith('$/')) return { source, path: uses.slice(2) };
  const [, repository = '', path = '', ref = ''] =
    /^([^/]+\/[^/]+)\/(\.github\/workflows\/[^/@]+)@(.+)$/.exec(uses) ?? [];
  const other = sourceOf(repository, ref);
  if (!other) throw new StartupFailure(`workflow was not found: ${uses}`);
  return { source: other, path };
}

function checkCall(definition: JobDefinition, { events, file }: Workflow): void {
  const call = events.workflow_call;
  if (call === undefined) throw new StartupFailure(`${file} is not reusable: it has no workflow_call`);
  const given = keysOf(definition.with);
  for (const name of given) {
    if (!(name in (call.inputs ?? {}))) throw new StartupFailure(`Invalid input, ${name} is not defined in ${file}`);
  }
  for (const [name, { required }] of Object.entries(call.inputs ?? {})) {
    if (required && !given.includes(name))
      throw new StartupFailure(`Input ${name} is required, but not provided (${file})`);
  }
  const inherits = definition.secrets !== undefined && 'value' in definition.secrets;
  const secrets = inherits ? [] : keysOf(definition.secrets);
  for (const name of secrets) {
    if (!(name in (call.secrets ?? {}))) throw new StartupFailure(`Invalid secret, ${name} is not defined in ${file}`);
  }
}

/**
 * What a called workflow gets as one of its inputs: of the type it declares.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputsinput_idtype
 */
export function checkedInput(name: string, type: string | undefined, value: Value): Value {
  if (type === undefined) throw new NotModelled(`the type of input ${name}`);
  if (typeof value !== type)
    throw new StartupFailure(`the value of input ${name} is ${JSON.stringify(value)}, not a ${type}`);
  return value;
}

function keysOf(token: JobDefinition['with']): string[] {
  return token ? [...token.assertMapping('a mapping')].map(({ key }) => key.toString()) : [];
}
