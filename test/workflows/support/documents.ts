import type { YamlFile } from './yaml-files.ts';
import { documentOf } from './yaml-files.ts';

export interface Step {
  name?: string;
  id?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

export interface Concurrency {
  group: string;
  'cancel-in-progress': boolean;
  queue?: string;
}

export interface Job {
  needs?: string | string[];
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  secrets?: unknown;
  permissions?: Record<string, string>;
  environment?: { name: string; deployment: boolean };
  concurrency?: Concurrency;
  outputs?: Record<string, string>;
  steps?: Step[];
  'timeout-minutes'?: number;
}

export interface Declared {
  description?: string;
  required?: boolean;
  type?: string;
  default?: unknown;
}

export interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: unknown;
  jobs: Record<string, Job>;
}

export interface Action {
  inputs?: Record<string, Declared>;
  outputs?: Record<string, { value?: string }>;
  runs: { using: string; main?: string; steps?: Step[] };
}

export function workflowOf(file: YamlFile): Workflow {
  return documentOf(file) as Workflow;
}

export function actionOf(file: YamlFile): Action {
  return documentOf(file) as Action;
}

/** The jobs of a workflow, by name. */
export function jobsOf(file: YamlFile): [string, Job][] {
  return Object.entries(workflowOf(file).jobs);
}

/** The steps of a workflow or a composite action, and the job that each is in. */
export function stepsOf(file: YamlFile): { where: string; step: Step }[] {
  const { jobs, runs } = documentOf(file) as Partial<Workflow & Action>;
  const lists: [string, Step[]][] = jobs
    ? Object.entries(jobs).map(([name, { steps = [] }]) => [name, steps])
    : [['runs', runs?.steps ?? []]];
  return lists.flatMap(([name, steps]) =>
    steps.map((step, index) => ({ where: `${name}: ${step.name ?? step.id ?? index}`, step })),
  );
}
