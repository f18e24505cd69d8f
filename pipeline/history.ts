import type { Deployment } from './ports.ts';
import type { Digest, Source } from './release.ts';

/** An environment's deployments, newest first. */
export type History = readonly Deployment[];

/** What happened since the environment was last destroyed: what came before says nothing about what is there. */
function sinceCreation(history: History): Deployment[] {
  const destroyed = history.findIndex(({ action }) => action === 'destroy');
  return history.slice(0, destroyed === -1 ? undefined : destroyed);
}

/**
 * The rollback that holds the environment: the newest one, also while it is unfinished, unless someone resumed after it.
 */
export function holdOf(history: History): Deployment | undefined {
  const last = sinceCreation(history)
    .filter(isCurrent)
    .find(({ action }) => action === 'rollback' || action === 'resume');
  return last?.action === 'rollback' ? last : undefined;
}

/** Whether a destruction was begun and did not come to its end: what is left of the environment is anyone's guess. */
export function isHalfDestroyed([last]: History): boolean {
  return last?.action === 'destroy' && last.status !== 'success';
}

/** The rollback that was begun and whose end nobody wrote down: its process died. */
export function unfinishedRollback(history: History): Deployment | undefined {
  const [last] = sinceCreation(history);
  return last?.action === 'rollback' && last.status === 'started' ? last : undefined;
}

/** The attempts to roll a release out forwards, successful or not: what may have migrated the databases. */
export function rolloutsOf(history: History): (Deployment & { release: Digest })[] {
  return sinceCreation(history).flatMap((entry) => {
    const { action, release } = entry;
    return release && (action === 'promote' || action === 'preview') ? [{ ...entry, release }] : [];
  });
}

/** The newest release that ran successfully before `current` was rolled out, which a rollback goes back to. */
export function predecessorOf(history: History, current: Digest): Digest | undefined {
  const all = sinceCreation(history).filter(isCurrent);
  const bad = foundBad(history);
  const start = all.findIndex(({ action, release }) => action === 'promote' && release === current);
  return all
    .slice(start + 1)
    .find(({ status, release }) => status === 'success' && release && release !== current && !bad.has(release))
    ?.release;
}

/**
 * Releases that came up, and did not pass a test when another one ran already: a failure that nothing began, and no success since.
 */
function foundBad(history: History): Set<Digest> {
  const ends = new Map<Digest, boolean>();
  for (const [index, { action, status, release }] of sinceCreation(history).entries()) {
    if (!release || ends.has(release) || status === 'started' || (action !== 'promote' && action !== 'rollback'))
      continue;
    const before = history[index + 1];
    const isBegun = before?.action === action && before.status === 'started' && before.release === release;
    ends.set(release, status === 'failure' && action === 'promote' && !isBegun);
  }
  return new Set([...ends].flatMap(([release, isBad]) => (isBad ? [release] : [])));
}

/**
 * What a release was last rolled out from: several commits can make the same. Whatever became of that, it is what the commit
 * comes to; so of a release that answers this says how far things are, also when nobody wrote down its end, or when it failed a
 * smoke test and there was nothing to go back to.
 */
export function sourceOf(history: History, release: Digest): Source | undefined {
  return sinceCreation(history).find(
    (entry) => entry.action === 'promote' && entry.release === release && entry.source?.commit !== undefined,
  )?.source;
}

/** The releases that ran successfully, newest first, each once. */
export function releasesOf(history: History): Digest[] {
  const releases = sinceCreation(history).flatMap(({ status, release }) =>
    status === 'success' && release ? [release] : [],
  );
  return [...new Set(releases)];
}

/** The releases that ran successfully, newest first, each once; also before the environment was last destroyed. */
export function everRanIn(history: History): Digest[] {
  return [...new Set(history.flatMap(({ status, release }) => (status === 'success' && release ? [release] : [])))];
}

/** What the environment was last brought to, and what it was to be brought to since, whatever became of that. */
export function attemptsOf(history: History): Digest[] {
  const named = sinceCreation(history).flatMap(({ status, release }) => (release ? [{ status, release }] : []));
  const last = named.findIndex(({ status }) => status === 'success');
  const attempts = named.slice(0, last === -1 ? undefined : last + 1).map(({ release }) => release);
  return [...new Set(attempts)];
}

/** Whether an entry still says something: a failed action changed nothing, nor did the start that it ended. */
function isCurrent({ action, status }: Deployment, index: number, newestFirst: History): boolean {
  if (status !== 'started') return status === 'success';
  const next = newestFirst[index - 1];
  return !(next?.action === action && next.status !== 'started');
}
