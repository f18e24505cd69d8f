/** Where the kit is on GitHub, and which of its versions repositories call. The one place that says it. */
export const kit = {
  /** `owner/name` */
  repository: 'fairlead-dev/fairlead',
  /** A tag that moves with the releases it covers: `v0` follows `v0.1.0`, `v0.2.0` and so on. */
  ref: 'v0',
} as const;

/** The workflows of the kit, by the names of their files without the ending. */
export type KitWorkflow = 'preview' | 'production' | 'rollback' | 'cleanup' | 'fork-preview';

/** A workflow of the kit without its ref, as tokens of GitHub name it: `owner/name/.github/workflows/preview.yml`. */
export function workflowPath(workflow: KitWorkflow): string {
  return `${kit.repository}/.github/workflows/${workflow}.yml`;
}

/** What a repository's own workflow says in `uses:`. */
export function workflowReference(workflow: KitWorkflow): string {
  return `${workflowPath(workflow)}@${kit.ref}`;
}
