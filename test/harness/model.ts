import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index';

/** A workflow file as GitHub's parser has read it; what depends on expressions is still a token. */
export interface Workflow {
  /** Path in its repository. */
  file: string;
  name: string;
  events: EventsConfig;
  permissions?: TemplateToken;
  env?: TemplateToken;
  concurrency?: TemplateToken;
  jobs: JobDefinition[];
  /** Of a reusable workflow. */
  outputs: Map<string, TemplateToken>;
}

export interface JobDefinition {
  id: string;
  name?: TemplateToken;
  needs: string[];
  /** With the `success()` that GitHub adds where no status function stands. */
  if: string;
  strategy?: TemplateToken;
  permissions?: TemplateToken;
  concurrency?: TemplateToken;
  environment?: TemplateToken;
  env?: TemplateToken;
  outputs?: TemplateToken;
  timeout?: TemplateToken;
  runsOn?: TemplateToken;
  steps: StepDefinition[];
  /** Of a job that calls a reusable workflow. */
  uses?: string;
  with?: TemplateToken;
  secrets?: TemplateToken;
}

export interface StepDefinition {
  id?: string;
  name?: TemplateToken;
  if: string;
  uses?: string;
  run?: TemplateToken;
  with?: TemplateToken;
  env?: TemplateToken;
  continueOnError?: TemplateToken;
  timeout?: TemplateToken;
}

/** An `action.yml`. */
export interface Action {
  /** Path of its folder in its repository. */
  path: string;
  inputs: { id: string; default?: TemplateToken }[];
  outputs: Map<string, TemplateToken>;
  using: string;
  /** Of a composite. */
  steps: StepDefinition[];
  main?: string;
}

/** Path in a tree → text. */
export type Files = Readonly<Record<string, string>>;
