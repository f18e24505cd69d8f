import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { workflowPath } from '../../../github/kit.ts';
import { actionOf, type Declared, jobsOf, type Step, stepsOf, workflowOf } from './documents.ts';
import { documentOf, file, type YamlFile } from './yaml-files.ts';

const root = resolve(import.meta.dirname, '../../..');

/** What calls workflows or actions of ours with other inputs than those take. */
export function callErrors(caller: YamlFile): string[] {
  const steps = stepsOf(caller).map(({ where, step }) => ({ where, ...step }));
  const jobs = documentOf(caller).jobs === undefined ? [] : jobsOf(caller);
  return [...jobs.map(([where, job]) => ({ where, ...job })), ...steps].flatMap(({ where, uses, with: given = {} }) => {
    const path = uses && pathOf(uses);
    if (!path) return [];
    if (!existsSync(resolve(root, path))) return [`${where}: there is no ${path}`];
    return inputErrors(given, inputsOf(path)).map((problem) => `${where}: ${problem}`);
  });
}

/** The file of ours that `uses` names; undefined for others'. */
function pathOf(uses: string): string | undefined {
  const own = /^(?:\$|\.)\/(.+)$/.exec(uses)?.[1];
  if (own) return `${own}/action.yml`;
  const [called] = uses.split('@');
  const name = /([a-z-]+)\.yml$/.exec(called!)?.[1];
  return name && called === workflowPath(name as Parameters<typeof workflowPath>[0])
    ? `.github/workflows/${name}.yml`
    : undefined;
}

function inputsOf(path: string): Record<string, Declared> {
  if (path.endsWith('/action.yml')) return actionOf(file(path)).inputs ?? {};
  return (workflowOf(file(path)).on.workflow_call as { inputs: Record<string, Declared> }).inputs;
}

function inputErrors(given: Record<string, unknown>, declared: Record<string, Declared>): string[] {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  const missing = Object.entries(declared).filter(
    ([name, { required, default: fallback }]) => required && fallback === undefined && !Object.hasOwn(given, name),
  );
  const wrong = Object.entries(given).filter(([name, value]) => !suits(value, declared[name]));
  return [
    ...unknown.map((name) => `${name} is not declared`),
    ...missing.map(([name]) => `${name} is not given`),
    ...wrong.map(([name]) => `${name} is not a ${declared[name]!.type}`),
  ];
}

/** Actions declare no types; an expression is looked at when it has a value. */
function suits(value: unknown, declared: Declared | undefined): boolean {
  if (declared?.type === undefined || (typeof value === 'string' && value.includes('${{'))) return true;
  return typeof value === declared.type;
}

/** Where a caller grants other rights than the jobs that it calls ask for: fewer stop the run, more are of no use. */
export function permissionErrors(caller: YamlFile): string[] {
  return jobsOf(caller).flatMap(([name, { uses = '', permissions: granted = {} }]) => {
    const asked = jobsOf(file(pathOf(uses)!)).map(([, { permissions = {} }]) => permissions);
    const needed: Record<string, string> = {};
    for (const [right, level] of asked.flatMap((one) => Object.entries(one))) {
      if (needed[right] !== 'write') needed[right] = level;
    }
    const rights = [...new Set([...Object.keys(needed), ...Object.keys(granted)])].sort();
    return rights
      .filter((right) => needed[right] !== granted[right])
      .map((right) => `${name} grants ${right}: ${granted[right] ?? 'none'}, asked is ${needed[right] ?? 'none'}`);
  });
}

/** Outputs of steps and of jobs that are read, and that nobody declares. */
export function outputErrors(reader: YamlFile): string[] {
  const document = documentOf(reader);
  const steps = stepsOf(reader);
  const byStep = [...reader.text.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)]
    .map(([, id, output]) => ({ step: steps.find(({ step }) => step.id === id)?.step, id, output: output! }))
    .filter(({ step, output }) => !hasOutput(step, output));
  const byJob = [...reader.text.matchAll(/\b(?:needs|jobs)\.([\w-]+)\.outputs\.([\w-]+)/g)].filter(
    ([, job, output]) => document.jobs?.[job!]?.outputs?.[output!] === undefined,
  );
  return [
    ...byStep.map(({ id, output }) => `the step ${id} has no output ${output}`),
    ...byJob.map(([, job, output]) => `the job ${job} has no output ${output}`),
  ];
}

function hasOutput(step: Step | undefined, output: string): boolean {
  if (!step) return false;
  const path = step.uses && pathOf(step.uses);
  if (!path) return true;
  return existsSync(resolve(root, path)) && actionOf(file(path)).outputs?.[output] !== undefined;
}
