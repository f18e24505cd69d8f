import { readFileSync } from 'node:fs';
import { isMap, isScalar, type Node, type Pair, parseDocument, type Scalar, stringify, type YAMLMap } from 'yaml';
import type { KitWorkflow } from '../kit.ts';

/** What a workflow is to become. */
export interface Filling {
  /** One for each application; a single one keeps the names of the template. */
  jobs: readonly JobFilling[];
  /** The branch whose pushes count. */
  branch: string;
}

export interface JobFilling {
  /** What tells the job from the others, such as `shop`; absent for the only one. */
  application?: string;
  /** Values of `with:` as they stand in YAML; undefined takes a line out. What the template lacks follows the target. */
  with: Readonly<Record<string, string | undefined>>;
}

/** The text of a workflow that users copy. */
export function readTemplate(workflow: KitWorkflow): string {
  return readFileSync(new URL(`../../workflows/${workflow}.yml`, import.meta.url), 'utf8');
}

/** Fills a template; every line that is not about what is filled in stays as it is, comments too. */
export function fillTemplate(template: string, { jobs, branch }: Filling): string {
  const text = withBranch(template, branch);
  const job = onlyJob(text);
  const filled = jobs.map((one) => fillJob(text, job, one));
  const all = text.slice(0, job.start) + filled.join('') + text.slice(job.end);
  const applications = jobs.flatMap(({ application }) => (application === undefined ? [] : [application]));
  return applications.length > 1 ? withChoice(all, applications) : all;
}

/** How a value is written in YAML. */
export function yamlValue(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

interface Job {
  name: string;
  body: YAMLMap;
  /** Of its lines in the text. */
  start: number;
  end: number;
}

function onlyJob(text: string): Job {
  const jobs = parseDocument(text).get('jobs');
  const [pair] = isMap(jobs) ? (jobs.items as Pair<Node, Node>[]) : [];
  if (!pair || !isScalar(pair.key) || !isMap(pair.value)) throw new Error('a template has one job');
  const start = lineAt(text, pair.key.range![0]);
  return { name: String(pair.key.value), body: pair.value, start, end: pair.value.range![2] };
}

function fillJob(text: string, job: Job, { application, with: values }: JobFilling): string {
  const { body, start, end } = job;
  const edits: Edit[] = [];
  const inputs = body.get('with');
  if (!isMap(inputs)) throw new Error('the job of a template has `with`');
  const items = inputs.items as Pair<Scalar<string>, Node>[];
  for (const { key, value } of items) {
    if (!(key.value in values)) continue;
    const written = values[key.value];
    const [from, to] = rangeOf(value);
    if (written !== undefined) edits.push({ from, to, text: written });
    else edits.push({ from: lineAt(text, rangeOf(key)[0]), to: text.indexOf('\n', to) + 1, text: '' });
  }
  const target = items.find(({ key }) => key.value === 'target');
  if (!target) throw new Error('the job of a template has a target');
  const indent = ' '.repeat(columnOf(text, rangeOf(target.key)[0]));
  const added = Object.entries(values).filter(
    ([input, value]) => value !== undefined && !items.some(({ key }) => key.value === input),
  );
  const lines = added.map(([input, value]) => `${indent}${input}: ${value}\n`).join('');
  edits.push(afterLine(text, rangeOf(target.value)[1], lines));
  if (application !== undefined) edits.push(...naming(text, job, application));
  return apply(text, start, end, edits);
}

/** Tells the jobs of several applications apart. */
function naming(text: string, { name, body, start }: Job, application: string): Edit[] {
  const at = start + columnOf(text, start + text.slice(start).search(/\S/));
  const title = body.get('name', true);
  if (!isScalar(title)) throw new Error('the job of a template has a name');
  const [from, to] = rangeOf(title);
  const indent = ' '.repeat(columnOf(text, text.lastIndexOf('name:', from)));
  return [
    { from: at, to: at + name.length, text: `${name}-${application}` },
    { from: to, to, text: ` of ${application}` },
    ...(hasChoice(text) ? [afterLine(text, to, `${indent}if: inputs.application == '${application}'\n`)] : []),
  ];
}

function rangeOf(node: Node | null): [from: number, to: number] {
  if (!node?.range) throw new Error('a template has a value for each input');
  return [node.range[0], node.range[1]];
}

function afterLine(text: string, offset: number, added: string): Edit {
  const at = text.indexOf('\n', offset) + 1;
  return { from: at, to: at, text: added };
}

/** Whether a person starts the workflow for one application at a time. */
function hasChoice(text: string): boolean {
  return parseDocument(text).hasIn(['on', 'workflow_dispatch', 'inputs', 'release']);
}

function withChoice(text: string, applications: readonly string[]): string {
  const inputs = parseDocument(text).getIn(['on', 'workflow_dispatch', 'inputs']);
  if (!hasChoice(text) || !isMap(inputs)) return text;
  const from = lineAt(text, (inputs.items[0]!.key as Node).range![0]);
  const indent = ' '.repeat(columnOf(text, (inputs.items[0]!.key as Node).range![0]));
  const options = applications.map(yamlValue).join(', ');
  const line = `${indent}application: { type: choice, options: [${options}], description: Which application. }\n`;
  return text.slice(0, from) + line + text.slice(from);
}

/** What stands in place of the template's only branch. Characters that patterns of branches know are taken literally. */
function withBranch(text: string, branch: string): string {
  const node = parseDocument(text).getIn(['on', 'push', 'branches', 0], true);
  if (!isScalar(node) || !node.range) return text;
  const literal = branch.replaceAll(/[*?+[\]!\\]/g, '\\$&');
  const written = /^[\w./-]+$/.test(literal) ? literal : JSON.stringify(literal);
  return text.slice(0, node.range[0]) + written + text.slice(node.range[1]);
}

interface Edit {
  from: number;
  to: number;
  text: string;
}

function apply(text: string, start: number, end: number, edits: readonly Edit[]): string {
  let at = start;
  let made = '';
  for (const edit of [...edits].sort((a, b) => a.from - b.from)) {
    made += text.slice(at, edit.from) + edit.text;
    at = Math.max(at, edit.to);
  }
  return made + text.slice(at, end);
}

function lineAt(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function columnOf(text: string, offset: number): number {
  return offset - lineAt(text, offset);
}
