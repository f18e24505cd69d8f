import type { Event } from './events.ts';
import type { Value } from './expressions.ts';
import type { Workflow } from './model.ts';
import { NotModelled } from './not-modelled.ts';
import { passesBranches } from './patterns.ts';

interface Filters {
  types?: string[];
  branches?: string[];
  'branches-ignore'?: string[];
  [other: string]: unknown;
}

/** Without `types`. https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request */
const usualActivities = ['opened', 'synchronize', 'reopened'];

/** Whether an event starts a workflow. */
export function isTriggered({ file, events }: Workflow, event: Event): boolean {
  const filters = events[event.name] as Filters | undefined;
  if (filters === undefined) return false;
  switch (event.name) {
    case 'pull_request':
    case 'pull_request_target':
      known(file, filters, ['types', 'branches', 'branches-ignore']);
      return (
        (filters.types ?? usualActivities).includes(event.action!) &&
        passesBranches(event.baseRef!, filters.branches, filters['branches-ignore'])
      );
    case 'push': {
      known(file, filters, ['branches', 'branches-ignore']);
      const branch = event.ref.replace(/^refs\/heads\//, '');
      return passesBranches(branch, filters.branches, filters['branches-ignore']);
    }
    case 'schedule':
      return event.file === file && (events.schedule ?? []).some(({ cron }) => cron === event.cron);
    case 'workflow_dispatch':
      return event.file === file;
  }
}

/**
 * The inputs of a run started by hand: defaults filled in, and refused when they are missing, unknown or of another type.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#providing-inputs
 */
export function dispatchInputs({ file, events }: Workflow, given: { [key: string]: Value }): { [key: string]: Value } {
  const definitions = events.workflow_dispatch?.inputs ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in definitions));
  if (unknown.length > 0) throw new Error(`Unexpected inputs provided: ${JSON.stringify(unknown)}`);
  return Object.fromEntries(
    Object.entries(definitions).map(([name, { type, required, default: fallback, options }]) => {
      const value = given[name] ?? fallback;
      if (value === undefined) {
        if (required) throw new Error(`Required input '${name}' not provided`);
        return [name, type === 'boolean' ? false : ''];
      }
      switch (type as string | undefined) {
        case 'boolean':
          if (typeof value !== 'boolean')
            throw new Error(`Provided value '${value}' for input '${name}' not a boolean`);
          break;
        case 'choice':
          if (!options?.includes(String(value))) {
            throw new Error(`Provided value '${value}' for input '${name}' not in the list of allowed values`);
          }
          break;
        case 'string':
        case 'environment':
          break;
        default:
          throw new NotModelled(`the type of input ${name} (${file})`);
      }
      return [name, typeof value === 'boolean' ? value : String(value)];
    }),
  );
}

function known(file: string, filters: Filters, modelled: string[]): void {
  const others = Object.keys(filters).filter((key) => !modelled.includes(key));
  if (others.length > 0) throw new NotModelled(`the filter ${others.join(', ')} (${file})`);
}
