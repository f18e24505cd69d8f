import type { Deployment, Digest, Environment, Review } from '../pipeline/mod.ts';
import { validate } from './payload.validate.gen.js';

/** A deployment as GitHub lists it, what we need of it. */
export interface Listed {
  id: number;
  /** By which GraphQL knows it. */
  node_id: string;
  task: string;
  payload: unknown;
  created_at: string;
}

/** A status of a deployment. */
export interface Status {
  state: string;
  description: string | null;
  environmentUrl: string | null;
  createdAt: string;
}

/** What GitHub calls `task`: whose deployment it is. */
export function taskOf({ application, name }: Pick<Environment, 'application' | 'name'>): string {
  return `fairlead:${application}:${name}`;
}

/** What is kept in a deployment's payload. */
export function payloadOf(entry: Deployment): Record<string, unknown> {
  return { fairlead: 1, ...entry };
}

/** What we have written into a payload; undefined when it was not us, or when it says another environment than its task. */
export function entryOf({ task, payload }: Pick<Listed, 'task' | 'payload'>): Deployment | undefined {
  const value = typeof payload === 'string' ? parse(payload) : payload;
  if (!validate(value)) return undefined;
  const { environment, action, status, release, source, url, reason, review, at } = value as unknown as Deployment;
  if (taskOf(environment) !== task || !isConsistent(environment)) return undefined;
  return {
    environment: environmentOf(environment),
    action,
    status,
    ...(release && { release }),
    ...(source && { source }),
    ...(url !== undefined && { url }),
    ...(reason !== undefined && { reason }),
    ...(review && { review }),
    at,
  };
}

/** Undefined for what is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isConsistent({ name, type, pullRequest }: Environment): boolean {
  return type === 'preview' ? name === `pr-${pullRequest}` : pullRequest === undefined && !/^pr-\d+$/.test(name);
}

function environmentOf({ application, name, type, pullRequest }: Environment): Environment {
  return { application, name, type, ...(pullRequest !== undefined && { pullRequest }) };
}

/** States that an end can have, as GitHub calls them. */
export type EndState = 'success' | 'failure' | 'inactive';

/** What has nothing to show any more, or never had, is inactive: what is destroyed, and a resume, which changes nothing that runs. */
export function endStateOf({ action, status }: Pick<Deployment, 'action' | 'status'>): EndState {
  if (status === 'failure') return 'failure';
  return action === 'destroy' || action === 'resume' ? 'inactive' : 'success';
}

/** An entry, and when GitHub has written it down, by one clock for all runners. */
interface Dated {
  entry: Deployment;
  recorded: string;
  id: number;
  /** Of two entries of one deployment the end comes later. */
  isEnd: boolean;
}

/**
 * The history that deployments and their statuses tell, newest first: a start and its end are two entries of one deployment. What
 * is there twice, because an answer of GitHub's was lost, counts once.
 */
export function historyOf(deployments: readonly (Listed & { statuses: readonly Status[] })[]): Deployment[] {
  const dated = unique(deployments).flatMap(({ id, created_at, statuses, ...listed }): Dated[] => {
    const entry = entryOf(listed);
    if (!entry) return [];
    if (entry.status !== 'started') return [{ entry, recorded: created_at, id, isEnd: true }];
    const end = endOf(entry, statuses);
    return [
      { entry, recorded: created_at, id, isEnd: false },
      ...(end ? [{ entry: end.entry, recorded: end.recorded, id, isEnd: true }] : []),
    ];
  });
  return dated.sort(newestFirst).map(({ entry }) => entry);
}

/** Whether what became of it is known; nothing that is said later changes that. */
export function hasEnded(deployment: Listed & { statuses: readonly Status[] }): boolean {
  const entry = entryOf(deployment);
  return entry !== undefined && (entry.status !== 'started' || endOf(entry, deployment.statuses) !== undefined);
}

/** Whether GitHub shows it as active or in progress, and nothing is lost when it does not any more. */
export function isShown(deployment: Listed, statuses: readonly Status[]): boolean {
  const entry = entryOf(deployment);
  if (!entry || endStateOf({ action: entry.action, status: 'success' }) === 'inactive') return false;
  return !statuses.some(({ state }) => ['failure', 'error', 'inactive'].includes(state));
}

/** Of those with the same payload the one that has an end, else the oldest. */
function unique<T extends Listed & { statuses: readonly Status[] }>(deployments: readonly T[]): T[] {
  const seen = new Map<string, T>();
  const isBetter = (one: T, other: T) =>
    one.statuses.length === other.statuses.length ? one.id < other.id : one.statuses.length > other.statuses.length;
  for (const deployment of deployments) {
    const key = JSON.stringify([deployment.task, deployment.payload]);
    const known = seen.get(key);
    if (!known || isBetter(deployment, known)) seen.set(key, deployment);
  }
  return [...seen.values()];
}

function newestFirst(a: Dated, b: Dated): number {
  return (
    Date.parse(b.recorded) - Date.parse(a.recorded) ||
    Date.parse(b.entry.at) - Date.parse(a.entry.at) ||
    b.id - a.id ||
    Number(b.isEnd) - Number(a.isEnd)
  );
}

function endOf(start: Deployment, statuses: readonly Status[]): { entry: Deployment; recorded: string } | undefined {
  const oldestFirst = [...statuses].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const states =
    endStateOf({ action: start.action, status: 'success' }) === 'inactive' ? ['inactive', 'success'] : ['success'];
  const failures = ['failure', 'error'];
  const end = oldestFirst.find(({ state }) => states.includes(state) || failures.includes(state));
  if (!end) return undefined;
  const url = webAddress(end.environmentUrl ?? undefined);
  const status = failures.includes(end.state) ? 'failure' : 'success';
  const { at = end.createdAt, reason } = readEnd(end.description);
  const review = status === 'success' ? oldestFirst.map(readReview).find((one) => one !== undefined) : undefined;
  return {
    entry: {
      ...start,
      status,
      ...(url !== undefined && { url }),
      ...(review && { review }),
      ...(status === 'failure' && reason !== undefined && { reason }),
      at,
    },
    recorded: end.createdAt,
  };
}

/** Characters of a description that GitHub takes. */
const longest = 140;

/**
 * What a status says to people, with the exact time, because GitHub's is to the second. Of a failure the reason, as far as there is
 * room for it.
 */
export function describeEnd({ action, status, release, reason, at }: Deployment): string {
  const room = longest - at.length - separator.length;
  if (status === 'failure' && reason !== undefined)
    return `${shorten(failed + oneLine(reason), room)}${separator}${at}`;
  const done = {
    preview: 'Running',
    promote: 'Running',
    rollback: 'Rolled back to',
    resume: 'Resumed',
    destroy: 'Removed',
  };
  const what = status === 'failure' ? `Failed to ${action}` : done[action];
  return `${release ? `${what} release ${shortDigest(release)}` : what}${separator}${at}`;
}

const failed = 'Failed: ';
const separator = ' · ';

/** What {@link describeEnd} said. */
function readEnd(description: string | null): { at?: string; reason?: string } {
  const [, said = '', at] = /^(.*) · (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)$/.exec(description ?? '') ?? [];
  return {
    ...(at !== undefined && { at }),
    ...(said.startsWith(failed) && { reason: said.slice(failed.length) }),
  };
}

/**
 * What reviewers were shown is known at the end only, and has a status of its own before that, because the payload is written with
 * the start. Digests are in base64url, so that it fits.
 */
export function describeReview({ environment, against, changes }: Review): string {
  return `${shown}${environment} ${against ? encode(against) : 'nothing'} ${encode(changes)}`;
}

const shown = 'Shown: ';

/** What {@link describeReview} said. */
function readReview({ state, description }: Status): Review | undefined {
  if (state !== 'in_progress' || !description?.startsWith(shown)) return undefined;
  const [environment, against = '', changes = '', ...rest] = description.slice(shown.length).split(' ');
  const of = decode(changes);
  const base = decode(against);
  if (!environment || !of || rest.length > 0 || (!base && against !== 'nothing')) return undefined;
  return { environment, ...(base && { against: base }), changes: of };
}

function encode(digest: Digest): string {
  return Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64url');
}

function decode(text: string): Digest | undefined {
  return /^[\w-]{43}$/.test(text) ? `sha256:${Buffer.from(text, 'base64url').toString('hex')}` : undefined;
}

export function describeStart({ environment, action, release }: Deployment): string {
  const target = `${environment.application} ${environment.name}: ${action}`;
  return shorten(release ? `${target} of release ${shortDigest(release)}` : target, longest);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** By whole characters. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

function shortDigest(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** An address of the web; undefined for anything else, such as `javascript:`. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  return ['http:', 'https:'].includes(new URL(url).protocol) ? url : undefined;
}
