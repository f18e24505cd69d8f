import type { Graph } from '../../analyzer/graph.ts';
import {
  type Environment,
  makePlan,
  type Plan,
  type Release,
  type Reporter,
  type Settings,
} from '../../pipeline/mod.ts';
import { database, graph, service, subscription, topic, use } from '../support/graph.ts';

/**
 * One version of a little application with two services: `web` answers from outside, keeps notes in the database `notes`,
 * reads the secret `GREETING`, asks `back` for its version and publishes to the topic `noted`, which `back` subscribes to.
 * The cron job `tick` calls `web`.
 */
export interface AppVersion {
  version: string;
  /** `never`: does not answer; `exits`: ends with code 3 after writing `cannot go on`. @default ready */
  health?: 'ready' | 'never' | 'exits';
  /** Only the image of `web` depends on it. */
  web?: string;
  /** A second migration: a column that works, or a mistake in SQL. */
  migration?: 'column' | 'mistake';
}

/** The Graph of the little application. */
export function tinyGraph({ migration }: AppVersion): Graph {
  const at = { file: 'web/web.ts', line: 1, column: 1 };
  const file = (version: number, name: string) => ({
    version,
    name,
    file: `web/migrations/${version}_${name}.up.sql`,
    hash: '0'.repeat(64),
    statements: [],
  });
  const cronJob = (name: string) => ({
    name,
    when: { every: 3_600_000 },
    endpoint: { service: 'web', endpoint: name },
    service: 'web',
    position: at,
  });
  const files = [file(1, 'init'), ...(migration ? [file(2, migration)] : [])];
  return graph({
    application: 'tiny',
    services: [
      service('back', { subscriptions: [subscription('keep', 'noted', { module: 'back/back.ts' })] }),
      service('web'),
    ],
    databases: [{ ...database('notes', 'web/migrations', files, at), service: 'web' }],
    topics: [topic('noted')],
    cronJobs: [cronJob('broken'), cronJob('tick')],
    secrets: [{ name: 'GREETING', position: at }],
    uses: [
      use('web', { kind: 'database', name: 'notes' }, ['query'], at),
      use('web', { kind: 'endpoint', service: 'back', name: 'version' }, ['call'], at),
      use('web', { kind: 'secret', name: 'GREETING' }, ['read'], at),
      use('web', { kind: 'topic', name: 'noted' }, ['publish'], at),
    ],
  });
}

export const quiet: Reporter = { step: (_title, work) => work(), info: () => {}, warn: () => {} };

export function environmentOf(name: string, type: Environment['type'] = 'preview'): Environment {
  return { application: 'tiny', name, type };
}

export function planOf(
  release: Release,
  environment: Environment,
  settings: Partial<Settings> = {},
  options: { isolated?: boolean } = {},
): Plan {
  const complete: Settings = { processes: 'all-in-one', cron: false, healthTimeout: 20_000, ...settings };
  return makePlan({ release, environment, settings: complete, ...options });
}

export async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, url));
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export async function post(url: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Waits for a condition, at most 20 s. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (
    const deadline = Date.now() + 20_000;
    !(await condition());
    await new Promise((resolve) => setTimeout(resolve, 20))
  )
    if (Date.now() > deadline) throw new Error(`waited too long for ${condition}`);
}
