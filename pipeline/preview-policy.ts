import type { Deployed, PullRequest } from './ports.ts';

/** Asks for a preview of a pull request that would have none by itself. */
export const previewLabel = 'fairlead:preview';

/** Which open pull requests have a preview without being asked. */
export interface PreviewPolicy {
  drafts: boolean;
  bots: boolean;
  /**
   * Whether the label counts on pull requests of forks, because somebody makes sure who set it and for which commit. Without
   * the label none of them ever has a preview. @default false
   */
  trusted?: boolean;
}

/** Everything that is open, and what is labelled of forks. */
export const everyPullRequest: PreviewPolicy = { drafts: true, bots: true, trusted: true };

/** A pull request that shall have a preview. */
export interface Wanted {
  wanted: true;
  pullRequest: PullRequest;
}

/** A pull request that shall have no preview. */
export interface Unwanted {
  wanted: false;
  /** `unknown`: there is none of that number. `expired`: nobody has deployed it for long. */
  why: 'closed' | 'draft' | 'bot' | 'fork' | 'unknown' | 'expired';
  /** One sentence without a full stop. */
  message: string;
  /** What to do to have one. */
  help: string;
}

/** Whether a pull request shall have a preview: of what it is now, whatever happened to it. */
export function wantsPreview(
  pullRequest: PullRequest | undefined,
  { drafts, bots, trusted = false }: PreviewPolicy,
): Wanted | Unwanted {
  if (!pullRequest) return unwanted('unknown', 'there is no pull request of that number', 'Open one.');
  const { number, state, draft = false, author, fork = false } = pullRequest;
  const labelled = (pullRequest.labels ?? []).includes(previewLabel);
  const askFor = `set the label \`${previewLabel}\``;
  if (state !== 'open')
    return unwanted('closed', `pull request ${number} is closed`, 'Open it again to have its preview again.');
  if (fork && !(labelled && trusted))
    return unwanted(
      'fork',
      `pull request ${number} comes from a fork`,
      trusted
        ? `Somebody who may write to this repository can look at the commit and ${askFor}; the next push takes it off again.`
        : 'Push the branch to this repository itself, or set up previews of forks.',
    );
  if (draft && !drafts && !labelled)
    return unwanted('draft', `pull request ${number} is a draft`, `Mark it as ready for review, or ${askFor}.`);
  if (author?.bot && !bots && !labelled)
    return unwanted(
      'bot',
      `pull request ${number} was opened by the bot ${author.name}`,
      `To have a preview all the same, ${askFor}.`,
    );
  return { wanted: true, pullRequest };
}

function unwanted(why: Unwanted['why'], message: string, help: string): Unwanted {
  return { wanted: false, why, message, help };
}

/** Whether the time of a preview is over, whatever its pull request says. Each deployment gives it more. */
export function expiredPreview({ environment, expires }: Deployed, now: Date): Unwanted | undefined {
  if (expires === undefined || Date.parse(expires) > now.getTime()) return undefined;
  const { name, pullRequest } = environment;
  return unwanted(
    'expired',
    `${name} was kept until ${expires.slice(0, 10)}, and nobody has deployed it since`,
    `Push to pull request ${pullRequest} to have it again.`,
  );
}
