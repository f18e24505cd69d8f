import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLocalTarget } from '../../local/mod.ts';
import { storedImages } from '../../local/store.ts';
import { quiet } from '../conformance/tiny-app.ts';
import { FakeGitHub } from '../fakes/github/fake.ts';
import type { Run } from '../fakes/github/model/runs.ts';
import type { Permissions } from '../fakes/github/model/tokens.ts';
import { listen } from '../fakes/github/server.ts';
import { runLeaf, type StepOutcome } from './leaf-process.ts';

/** What jobs that deploy may do. */
export const deploying: Permissions = { contents: 'read', deployments: 'write', 'pull-requests': 'write' };

/** A job with one step of Fairlead's. */
export interface Job {
  leaf: string;
  /** @default pull_request */
  event?: string;
  pull?: number;
  permissions?: Permissions;
  inputs?: Record<string, string>;
  /** The run that has the artifacts. @default one of its own */
  run?: Run;
  /** Whether it works in the checkout, without a token. */
  builds?: boolean;
  /** The folder with the program. @default the sources */
  dist?: string;
  env?: Record<string, string>;
}

export type Lab = Awaited<ReturnType<typeof openLab>>;

/** A repository `ada/shop` on a GitHub of our own, a checkout of it, and a machine that has its environments. */
export async function openLab() {
  const github = new FakeGitHub({ clock: { now: () => new Date() } });
  const shop = github.world.createRepository('ada/shop');
  const root = mkdtempSync(join(tmpdir(), 'fairlead-lab-'));
  // mkdtemp makes it for us alone, but as root a server runs as another user.
  chmodSync(root, 0o711);
  const workspace = join(root, 'shop');
  const stateDirectory = join(root, 'state');
  const server = await listen(github);
  let jobs = 0;
  const lab = {
    github,
    shop,
    root,
    stateDirectory,
    /** `github.event` of the last that happened. */
    payload: {} as object,
    checkOut(files: Record<string, string>): void {
      rmSync(workspace, { recursive: true, force: true });
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(workspace, name)), { recursive: true });
        writeFileSync(join(workspace, name), text);
      }
      const git = (...args: string[]) => execFileSync('git', ['-C', workspace, ...args]);
      git('init', '--quiet');
      git('add', '--all');
      git('-c', 'user.name=ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--message', 'Sources');
    },
    async step({
      leaf,
      event = 'pull_request',
      pull,
      permissions = {},
      inputs = {},
      ...job
    }: Job): Promise<StepOutcome> {
      const run = job.run ?? shop.runs.start({ event, actor: 'ada' });
      const started = shop.jobs.start({ run, name: leaf, permissions, ...(pull !== undefined && { pull }) });
      try {
        return await runLeaf({
          leaf,
          inputs: { ...(!job.builds && { 'github-token': started.token.value }), ...inputs },
          event: { name: event, payload: lab.payload },
          env: { ...github.env(started), FAIRLEAD_STATE_DIR: stateDirectory, ...job.env },
          temp: join(root, `job-${++jobs}`),
          ...(job.builds && { workspace }),
          ...(job.dist !== undefined && { dist: job.dist }),
        });
      } finally {
        shop.jobs.end(started);
      }
    },
    /** Removes every environment and closes the server. */
    async close(): Promise<void> {
      const target = createLocalTarget({
        stateDirectory,
        images: storedImages(stateDirectory),
        repository: 'ada/shop',
      });
      for (const { environment } of await target.list()) await target.destroy(environment, quiet);
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  github.world.onHappening((happening) => {
    lab.payload = github.payload(happening) as object;
  });
  return lab;
}

/** Sources of an application with one endpoint that greets. */
export function application(greeting: string): Record<string, string> {
  return {
    'package.json': '{"name":"shop","type":"module"}',
    'tsconfig.json':
      '{"compilerOptions":{"module":"nodenext","target":"es2024","strict":true,"skipLibCheck":true,"noEmit":true}}',
    'door/door.ts': `import { api } from 'encore.dev/api';
export const hello = api({ expose: true, method: 'GET', path: '/hello' }, async (): Promise<{ text: string }> => ({ text: '${greeting}' }));
`,
  };
}

/** What an environment says. */
export async function hello({ outputs }: StepOutcome): Promise<string> {
  const response = await fetch(`${outputs.url}/hello`);
  return ((await response.json()) as { text: string }).text;
}
