// Not from its mod.ts, which would load the whole analyzer and its compiler.
export { UserError } from '../analyzer/diagnostic.ts';
export type * from '../analyzer/mod.ts';
export type * from './aws-config.ts';
export { type BuildRequest, build } from './build.ts';
export { type Cleaned, type CleanupRequest, cleanup } from './cleanup.ts';
export {
  allocationsOf,
  awsWritten,
  type BuildConfig,
  type Config,
  type Overrides,
  parseConfig,
  type Smoke,
  type SmokeUrl,
  settingsFor,
  smokeFor,
} from './config.ts';
export { destroyEnvironment } from './destroy-environment.ts';
export type * from './environment.ts';
export { parseEnvironment, previewEnvironment } from './environment.ts';
export { httpProber } from './http-prober.ts';
export { makePlan, type PlanInput } from './make-plan.ts';
export { dangerOf, unmigrated } from './migrations.ts';
export type * from './plan.ts';
export { type PlanResult, planEnvironment } from './plan-environment.ts';
export { planSources } from './plan-sources.ts';
export type * from './ports.ts';
export { type PreviewRequest, type PreviewResult, preview } from './preview.ts';
export {
  everyPullRequest,
  expiredPreview,
  type PreviewPolicy,
  previewLabel,
  type Unwanted,
  type Wanted,
  wantsPreview,
} from './preview-policy.ts';
export { imageKey, type Process, processesOf } from './processes.ts';
export { type PromoteRequest, type PromoteResult, promote } from './promote.ts';
export type { ProofRequest } from './proof.ts';
export {
  forgetFormer,
  type PrunableRegistry,
  type PruneRequest,
  type PruneResult,
  pruneReleases,
  type Reason,
  type Removed,
  type Verdict,
} from './prune-releases.ts';
export type * from './release.ts';
export { canonicalDigest, databaseSchemas, shortDigest } from './release.ts';
export { type CommentContent, commentMarker, renderComment } from './render-comment.ts';
export { renderMermaid } from './render-mermaid.ts';
export { renderSummary, type SummaryContent } from './render-summary.ts';
export { type ResumeResult, resume } from './resume.ts';
export type { Reviewed } from './reviewed.ts';
export { type RollbackRequest, type RollbackResult, rollback } from './rollback.ts';
export { type StartResult, start } from './start.ts';
export { type EnvironmentStatus, status } from './status.ts';
export type { CommentContext, Cost, Links, Phase, Saving, Telling } from './tell/content.ts';
export type { Check } from './verify.ts';
