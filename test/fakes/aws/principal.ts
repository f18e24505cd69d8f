import type { Principal } from './model.ts';

/** "IAM JSON policy elements: Principal": how AWS writes who calls. */
export function arnOf(principal: Principal): string {
  if (principal.kind === 'root') return `arn:aws:iam::${principal.account}:root`;
  if (principal.kind === 'service') return principal.service;
  return `arn:aws:sts::${principal.account}:assumed-role/${principal.role}/${principal.session}`;
}
