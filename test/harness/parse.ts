import {
  convertWorkflowTemplate,
  isMapping,
  isString,
  NoOperationTraceWriter,
  parseWorkflow,
} from '@actions/workflow-parser';
import { convertActionTemplate, parseAction } from '@actions/workflow-parser/actions/index';
import { convertToIfCondition } from '@actions/workflow-parser/model/converter/if-condition';
import type { TemplateContext } from '@actions/workflow-parser/templates/template-context';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';
import type { Action, JobDefinition, StepDefinition, Workflow } from './model.ts';
import { NotModelled, StartupFailure } from './not-modelled.ts';

const workflows = new Map<string, Promise<Workflow>>();
const actions = new Map<string, Action>();

/**
 * A workflow file through GitHub's own parser, which checks its keys, its types and which contexts stand where.
 * @throws StartupFailure when GitHub would refuse it.
 */
export function readWorkflow(file: string, content: string): Promise<Workflow> {
  return remembered(workflows, `${file}\0${content}`, async () => {
    const { context, value } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
    refuse(file, context);
    const converted = await convertWorkflowTemplate(context, value!);
    refuse(file, context);
    const keys = keysOf(value!);
    only(file, keys, ['name', 'run-name', 'on', 'permissions', 'env', 'concurrency', 'defaults', 'jobs']);
    const jobs = keysOf(keys.jobs!);
    return {
      file,
      name: text(keys.name) ?? file,
      events: converted.events,
      ...(keys.permissions && { permissions: keys.permissions }),
      ...(keys.env && { env: keys.env }),
      ...(keys.concurrency && { concurrency: keys.concurrency }),
      jobs: converted.jobs.map((job) => jobOf(file, context, job.id.value, job.if.expression, jobs[job.id.value]!)),
      outputs: outputsOf(keys.on!),
    };
  });
}

/** An `action.yml` through GitHub's own parser. */
export function readAction(path: string, content: string): Action {
  return remembered(actions, `${path}\0${content}`, () => {
    const file = `${path}/action.yml`;
    const { context, value } = parseAction({ name: file, content }, new NoOperationTraceWriter());
    refuse(file, context);
    const converted = convertActionTemplate(context, value!);
    refuse(file, context);
    const runs = keysOf(keysOf(value!).runs!);
    only(file, runs, ['using', 'steps', 'main']);
    return {
      path,
      inputs: (converted.inputs ?? []).map(({ id, default: fallback }) => ({
        id,
        ...(fallback && { default: fallback }),
      })),
      outputs: new Map((converted.outputs ?? []).flatMap(({ id, value }) => (value ? [[id, value]] : []))),
      using: converted.runs.using,
      steps: runs.steps ? stepsOf(file, context, runs.steps) : [],
      ...(runs.main && { main: text(runs.main)! }),
    };
  });
}

function jobOf(
  file: string,
  context: TemplateContext,
  id: string,
  condition: string,
  token: TemplateToken,
): JobDefinition {
  const keys = keysOf(token);
  only(`${file}, job ${id}`, keys, [
    ...['name', 'needs', 'if', 'strategy', 'permissions', 'concurrency', 'environment', 'env', 'outputs', 'steps'],
    ...['timeout-minutes', 'runs-on', 'uses', 'with', 'secrets', 'defaults'],
  ]);
  const { name, strategy, permissions, concurrency, environment, env, outputs, secrets } = keys;
  const [timeout, runsOn, input] = [keys['timeout-minutes'], keys['runs-on'], keys.with];
  return {
    id,
    needs: keys.needs ? list(keys.needs) : [],
    if: condition,
    steps: keys.steps ? stepsOf(`${file}, job ${id}`, context, keys.steps) : [],
    ...given({ name, strategy, permissions, concurrency, environment, env, outputs, secrets }),
    ...given({ timeout, runsOn, with: input }),
    ...(keys.uses && { uses: text(keys.uses)! }),
  };
}

function stepsOf(where: string, context: TemplateContext, token: TemplateToken): StepDefinition[] {
  return [...token.assertSequence('steps')].map((item) => {
    const keys = keysOf(item);
    only(`${where}, a step`, keys, [
      ...['id', 'name', 'if', 'uses', 'run', 'with', 'env', 'shell', 'working-directory'],
      ...['continue-on-error', 'timeout-minutes'],
    ]);
    const { name, run, env } = keys;
    const [id, uses] = [text(keys.id), text(keys.uses)];
    const condition = keys.if ? convertToIfCondition(context, keys.if)!.expression : 'success()';
    refuse(where, context);
    return {
      if: condition,
      ...given({ id, uses, name, run, env, with: keys.with }),
      ...given({ continueOnError: keys['continue-on-error'], timeout: keys['timeout-minutes'] }),
    };
  });
}

/** `on.workflow_call.outputs`, which GitHub's converter leaves out. */
function outputsOf(on: TemplateToken): Map<string, TemplateToken> {
  const call = isMapping(on) ? keysOf(on).workflow_call : undefined;
  const outputs = call && isMapping(call) ? keysOf(call).outputs : undefined;
  return new Map(Object.entries(outputs ? keysOf(outputs) : {}).map(([id, output]) => [id, keysOf(output).value!]));
}

function keysOf(token: TemplateToken): Record<string, TemplateToken> {
  return Object.fromEntries([...token.assertMapping('a mapping')].map(({ key, value }) => [key.toString(), value]));
}

function text(token: TemplateToken | undefined): string | undefined {
  return token?.assertString('a string').value;
}

function list(token: TemplateToken): string[] {
  return isString(token) ? [token.value] : [...token.assertSequence('a list')].map((item) => text(item)!);
}

/** Without what is absent. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function only(where: string, keys: Record<string, unknown>, modelled: string[]): void {
  const others = Object.keys(keys).filter((key) => !modelled.includes(key));
  if (others.length > 0) throw new NotModelled(`${others.join(', ')} (${where})`);
}

function refuse(where: string, context: TemplateContext): void {
  const errors = context.errors.getErrors();
  if (errors.length > 0) throw new StartupFailure(`${where}: ${errors.map(({ message }) => message).join('; ')}`);
}

function remembered<T>(kept: Map<string, T>, key: string, make: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const value = make();
  kept.set(key, value);
  return value;
}
