import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type KitWorkflow, workflowPath } from '../kit.ts';

/** A job of a repository's workflow that calls a workflow of the kit. */
export interface Call {
  /** Of the repository, such as `.github/workflows/fairlead-preview.yml`. */
  file: string;
  job: string;
  workflow: KitWorkflow;
  /** What stands behind the `@`. */
  ref: string;
  with: Readonly<Record<string, unknown>>;
  permissions: Readonly<Record<string, string>>;
  /** Event → types; empty for all or none. */
  events: Readonly<Record<string, readonly string[]>>;
  /** The branches whose pushes count, as they are called; empty for all. Patterns of several are left out. */
  branches: readonly string[];
}

/** What is read of a workflow; whatever a file holds may have any type. */
type Tree = Record<string, unknown>;

const workflows: KitWorkflow[] = ['preview', 'production', 'rollback', 'cleanup', 'fork-preview'];

/** The calls in a workflow, or why it is none. */
export function readCalls(file: string, text: string): { calls: Call[]; error?: string } {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error) return { calls: [], error: error.message.split('\n')[0]! };
  const tree = asTree(document.toJS());
  const events = eventsOf(tree.on);
  const branches = branchesOf(tree.on);
  const calls = Object.entries(asTree(tree.jobs)).flatMap(([name, body]): Call[] => {
    const job = asTree(body);
    const [path, ref = ''] = String(job.uses ?? '').split('@');
    const workflow = workflows.find((one) => workflowPath(one) === path);
    if (!workflow) return [];
    const permissions = permissionsOf(job.permissions ?? tree.permissions);
    return [{ file, job: name, workflow, ref, with: asTree(job.with), permissions, events, branches }];
  });
  return { calls };
}

/** The files that call a workflow. One that is not YAML does so when it names it in `uses`. */
export function filesCalling(workflow: KitWorkflow, files: Readonly<Record<string, string>>): string[] {
  return Object.keys(files).filter((file) => {
    const { calls, error } = readCalls(file, files[file]!);
    if (error === undefined) return calls.some((call) => call.workflow === workflow);
    return new RegExp(String.raw`^[^#\n]*\buses:\s*['"]?${workflowPath(workflow)}@`, 'm').test(files[file]!);
  });
}

/** What a call of a workflow has to look like, by the file that users copy. */
export function templateCall(workflow: KitWorkflow): Call {
  const [call] = readCalls(`workflows/${workflow}.yml`, kitFile(`workflows/${workflow}.yml`)).calls;
  if (!call) throw new Error(`workflows/${workflow}.yml calls nothing`);
  return call;
}

/** The inputs of a workflow of the kit; whether each has to be given. */
export function inputsOf(workflow: KitWorkflow): Record<string, boolean> {
  const tree = asTree(parseDocument(kitFile(`.github/workflows/${workflow}.yml`)).toJS());
  const inputs = asTree(asTree(asTree(tree.on).workflow_call).inputs);
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, asTree(input).required === true]));
}

function kitFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** `on: push`, `on: [push]` and `on: { push: { types } }` say the same. */
function eventsOf(on: unknown): Record<string, string[]> {
  if (typeof on === 'string') return { [on]: [] };
  if (Array.isArray(on)) return Object.fromEntries(on.map((event) => [String(event), []]));
  return Object.fromEntries(
    Object.entries(asTree(on)).map(([event, filter]) => {
      const { types } = asTree(filter);
      return [event, Array.isArray(types) ? types.map(String) : types === undefined ? [] : [String(types)]];
    }),
  );
}

function branchesOf(on: unknown): string[] {
  const { branches } = asTree(asTree(on).push);
  const patterns = Array.isArray(branches) ? branches.map(String) : typeof branches === 'string' ? [branches] : [];
  return patterns
    .filter((pattern) => !/^!|(?<!\\)[*?+[\]]/.test(pattern))
    .map((pattern) => pattern.replaceAll(/\\(.)/g, '$1'));
}

/** `read-all` and `write-all` are not told apart here: they are more than any job needs. */
function permissionsOf(permissions: unknown): Record<string, string> {
  if (permissions === 'write-all' || permissions === 'read-all')
    return { '*': permissions === 'write-all' ? 'write' : 'read' };
  return Object.fromEntries(Object.entries(asTree(permissions)).map(([name, level]) => [name, String(level)]));
}

function asTree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}
