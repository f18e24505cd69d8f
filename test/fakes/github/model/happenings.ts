import type { Repository } from './repository.ts';

/** What GitHub tells workflows and webhooks of: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows */
export interface Happening {
  name: 'pull_request' | 'push' | 'workflow_dispatch' | 'delete';
  action?: string;
  repository: Repository;
  sender: string;
  /** Whether a workflow's own token did it: then no workflow runs. https://docs.github.com/en/actions/concepts/security/github_token */
  byWorkflow: boolean;
  /** Of a pull request. */
  pull?: number;
  /** Fields of the payload that are of this action alone, such as the `before` and `after` of `synchronize`. */
  details: Record<string, unknown>;
}
