/** One thing that a first run could trip over. */
export interface Check {
  /** Stable, for scripts: `actions.enabled`. */
  id: string;
  group: 'repository' | 'workflows' | 'application' | 'settings';
  /**
   * `failed`: a first run would fail. `warning`: it would work, but not as safely or as well as it should.
   * `skipped`: not known, and why.
   */
  state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What is so. One sentence without a full stop. */
  message: string;
  /** What to do about it. */
  mend?: string;
  /** Of a skipped one: how many settings nobody looked at, for want of a token. */
  unread?: number;
}

type Finding = Omit<Check, 'group'>;

export const ok = (id: string, message: string): Finding => ({ id, state: 'ok', message });
export const skipped = (id: string, message: string): Finding => ({ id, state: 'skipped', message });
export const warning = (id: string, message: string, mend: string): Finding => ({
  id,
  state: 'warning',
  message,
  mend,
});
export const failed = (id: string, message: string, mend: string): Finding => ({ id, state: 'failed', message, mend });

export function inGroup(group: Check['group'], findings: readonly Finding[]): Check[] {
  return findings.map(({ id, ...rest }) => ({ id, group, ...rest }));
}

export type { Finding };
