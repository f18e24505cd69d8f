import { UserError } from '../analyzer/diagnostic.ts';
import type { Diagnostic } from '../analyzer/mod.ts';
import type { Standing } from './draw-up.ts';
import { previewEnvironment } from './environment.ts';
import type { Change, Plan } from './plan.ts';
import type { Deployment, Ports } from './ports.ts';
import { type Digest, type Release, shortDigest } from './release.ts';
import { releaseChanges } from './release-changes.ts';
import { type Reviewed, reviewedBy } from './reviewed.ts';

export interface ProofRequest {
  /**
   * `required`: only a release that has run in a preview, and only changes that its reviewers were shown, unless it runs there
   * already. `preferred`: the result says how far that is so. @default preferred
   */
  proof?: 'required' | 'preferred';
  /** The release that a maintainer lets through by hand: its digest, or at least 12 of its hex digits. */
  accept?: string;
  /** The pull request that the sources came with, so that a refusal can say what its preview ran. */
  pullRequest?: number;
}

export interface Proof {
  /** The preview that has run this very release, such as `pr-72`. */
  provenBy?: string;
  reviewed: Reviewed;
}

type ProofPorts = Pick<Ports, 'forge' | 'registry'>;

/** Characters that most lists of what is different fit into; whoever wants all has the command for it. */
const mostLines = 15;

/**
 * Finds out whether a release was proven in a preview, and whether its reviewers saw what it changes.
 * @throws UserError FL3019 when another release was accepted; where proof is required, FL3016 and FL3017 without it
 */
export async function prove(plan: Plan, standing: Standing, request: ProofRequest, ports: ProofPorts): Promise<Proof> {
  const { release, environment, changes } = plan;
  const { proof = 'preferred', accept } = request;
  if (accept !== undefined && !isAccepted(release.digest, accept)) throw acceptedAnother(release, accept);
  const previews = await previewsOf(release.digest, environment.application, ports);
  const provenBy = previews[0]?.environment.name;
  const seen = await reviewOf(plan, previews, standing, ports);
  const reviewed: Reviewed = seen.kind === 'unseen' && accept !== undefined ? { kind: 'accepted' } : seen;
  if (proof === 'required' && accept === undefined && standing.deployed?.release !== release.digest) {
    if (provenBy === undefined) throw await unproven(plan, request.pullRequest, ports);
    if (reviewed.kind === 'unseen' && isShown(plan)) throw unseen(plan, reviewed.why, reviewed.unseen);
  }
  const by = reviewed.kind === 'seen' ? reviewed.by : provenBy;
  return {
    ...(by !== undefined && { provenBy: by }),
    reviewed: changes.length === 0 ? { kind: 'nothing-changes' } : reviewed,
  };
}

function isAccepted(digest: Digest, accept: string): boolean {
  const hex = accept.replace(/^sha256:/, '');
  return /^[0-9a-f]{12,64}$/.test(hex) && digest.startsWith(`sha256:${hex}`);
}

/** Comments show what changes in production, and nowhere else. */
function isShown({ environment }: Plan): boolean {
  return environment.type === 'production';
}

/** The previews that ran the release to the end: of each the newest entry, the newest first. */
async function previewsOf(release: Digest, application: string, { forge }: ProofPorts): Promise<Deployment[]> {
  const successes = (await forge.deploymentsOf(application, release)).filter(
    ({ action, status, environment }) => action === 'preview' && status === 'success' && environment.type === 'preview',
  );
  return [...Map.groupBy(successes, ({ environment }) => environment.name).values()].map(([newest]) => newest!);
}

async function reviewOf(
  { release, environment, changes }: Plan,
  previews: readonly Deployment[],
  { applied }: Standing,
  { registry }: ProofPorts,
): Promise<Reviewed> {
  let first: Reviewed | undefined;
  for (const { environment: preview, review } of previews) {
    if (review?.environment !== environment.name) continue;
    const against = review.against && (await registry.get(review.against));
    const shown = { by: preview.name, review, ...(against && { against }) };
    const reviewed = reviewedBy(shown, release, changes, applied);
    if (reviewed.kind === 'seen') return reviewed;
    first ??= reviewed;
  }
  return (
    first ?? { kind: 'unseen', why: `no preview of it showed what changes in ${environment.name}`, unseen: changes }
  );
}

async function unproven(
  { release, environment: { application } }: Plan,
  pullRequest: number | undefined,
  ports: ProofPorts,
): Promise<UserError> {
  const short = shortDigest(release.digest);
  return new UserError({
    code: 'FL3016',
    severity: 'error',
    message: [
      `release ${short} has never run in a preview of ${application}`,
      ...(pullRequest === undefined ? [] : await whatRanInstead(release, application, pullRequest, ports)),
    ].join('\n'),
    help: `Require branches to be up to date before they are merged, so that what was previewed is what is merged. ${byHand(short)}`,
  });
}

/** What the preview of the pull request had run, and how that differs: its base has moved on since, or a build is not repeatable. */
async function whatRanInstead(
  release: Release,
  application: string,
  pullRequest: number,
  { forge, registry }: ProofPorts,
): Promise<string[]> {
  const preview = previewEnvironment(application, pullRequest);
  const last = (await forge.deployments(preview)).find(
    ({ action, status, release }) => action === 'preview' && status === 'success' && release,
  )?.release;
  if (!last) return [`  The preview of pull request ${pullRequest} has never come up.`];
  const ran = `  The preview of pull request ${pullRequest} ran ${shortDigest(last)}`;
  const former = await registry.get(last);
  if (!former) return [`${ran}, which is no longer kept.`];
  const { graph, parts } = releaseChanges(former.content, release.content);
  return [`${ran}. From that to this:`, ...listed([...graph, ...parts])];
}

function unseen({ release, environment: { name } }: Plan, why: string, changes: readonly Change[]): UserError {
  const short = shortDigest(release.digest);
  const diagnostic: Diagnostic = {
    code: 'FL3017',
    severity: 'error',
    message: [`release ${short} changes in ${name} what its reviewers were not shown: ${why}`, ...listed(changes)].join(
      '\n',
    ),
    help: `Look at these changes. ${byHand(short)}`,
  };
  return new UserError(diagnostic);
}

function listed(changes: readonly { sentence: string; danger?: string }[]): string[] {
  const lines = changes.map(({ sentence, danger }) => `  - ${sentence}${danger === undefined ? '' : ` (${danger})`}`);
  const more = lines.length - mostLines;
  return more > 0 ? [...lines.slice(0, mostLines), `  … and ${more} more`] : lines;
}

function acceptedAnother({ digest }: Release, accept: string): UserError {
  return new UserError({
    code: 'FL3019',
    severity: 'error',
    message: `${JSON.stringify(accept)} was accepted, and these sources make ${digest}`,
    help: 'Accept the digest of the release that these sources make, or at least 12 of its hex digits, or nothing.',
  });
}

function byHand(short: string): string {
  return `To let this release through as it is, run the production workflow by hand with accept: ${short}.`;
}
