import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { convertActionTemplate, parseAction } from '@actions/workflow-parser/actions/index';
import type { YamlFile } from './yaml-files.ts';

const trace = new NoOperationTraceWriter();

/** What GitHub's own parser has against a workflow: its keys, types, and which contexts an expression may use where. */
export async function workflowErrors({ path, text }: YamlFile): Promise<string[]> {
  const { context, value } = parseWorkflow({ name: path, content: text }, trace);
  if (value) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

/** The same for an `action.yml`. */
export function actionErrors({ path, text }: YamlFile): string[] {
  const { context, value } = parseAction({ name: path, content: text }, trace);
  if (value) convertActionTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}
