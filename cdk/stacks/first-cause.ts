import type { Event } from './events.ts';

/**
 * The event that everything else follows from: the first failure that is none of another's. CloudFormation cancels what it works on
 * when something fails, and says so with a failure for each; a stack's own failure only lists them.
 */
export function firstCause(events: readonly Event[]): Event | undefined {
  const failures = events.filter(({ status }) => status.endsWith('_FAILED'));
  return (
    failures.find((event) => event.type !== 'AWS::CloudFormation::Stack' && !isConsequence(event)) ??
    failures.find((event) => !isConsequence(event)) ??
    events.find(({ status, reason }) => /ROLLBACK_IN_PROGRESS$/.test(status) && reason !== undefined)
  );
}

function isConsequence({ reason = '' }: Event): boolean {
  return /^Resource (creation|update|deletion) (cancelled|canceled)/i.test(reason);
}

/** What AWS wraps around the words that count: `Resource handler returned message: "…" (RequestToken: …, HandlerErrorCode: …)`. */
export function plainReason(reason: string): string {
  const inner = /^Resource handler returned message: "(.*)" \(RequestToken: [^)]*\)$/s.exec(reason)?.[1];
  return (inner ?? reason)
    .replace(/\s*\((Service|RequestToken|HandlerErrorCode|SDK Attempt Count):[^()]*\)/g, '')
    .trim();
}
