import { inert } from '../github/annotations.ts';

/** Whether this is a step of a workflow of GitHub Actions. */
export function inWorkflow(): boolean {
  return process.env.GITHUB_ACTIONS === 'true';
}

/** Text as it goes to the output: inert in a workflow, else as it is. */
export function forLog(text: string): string {
  return inWorkflow() ? inert(text) : text;
}
