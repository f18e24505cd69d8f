import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The runner of workflows, if it is installed: https://github.com/nektos/act. What Go builds of it does not know its version. */
export const act: string | undefined = [
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead', 'test', 'act-0.2.87', 'bin'),
  ...(process.env.PATH ?? '').split(delimiter),
  join(homedir(), 'go', 'bin'),
]
  .map((directory) => join(directory, 'act'))
  .find((path) => existsSync(path));

/** How to get it. */
export const installation = 'go install github.com/nektos/act@v0.2.87';

export interface ActRequest {
  event: string;
  payload: object;
  /** Relative to the checkout. */
  workflow: string;
  /** What the runner reads the workflow from, and knows the commit by. */
  checkout: string;
  /** `owner/name@ref` → the directory that is taken for it. */
  repositories: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  /** Of the repository: `vars`. */
  variables: Readonly<Record<string, string>>;
  token: string;
  actor: string;
  /** An empty directory for what this run needs. */
  temporary: string;
  signal?: AbortSignal | undefined;
}

export interface ActRun {
  exitCode: number;
  log: string;
}

/** Runs one workflow for one event on this machine, without containers. */
export async function runAct(request: ActRequest): Promise<ActRun> {
  const { event, payload, workflow, checkout, repositories, env, variables, token, actor, temporary } = request;
  if (act === undefined) throw new Error(`there is no act: ${installation}`);
  const eventPath = join(temporary, 'event.json');
  await writeFile(eventPath, JSON.stringify(payload));
  const args = [
    event,
    ...['--workflows', workflow, '--eventpath', eventPath, '--directory', checkout, '--actor', actor],
    ...[
      '--platform',
      'ubuntu-latest=-self-hosted',
      '--platform',
      'self-hosted=-self-hosted',
      '--no-skip-checkout',
      '--no-cache-server',
    ],
    ...['--use-new-action-cache', '--action-cache-path', join(temporary, '_actions'), '--secret', 'GITHUB_TOKEN'],
    ...Object.entries(repositories).flatMap(([name, path]) => ['--local-repository', `${name}=${path}`]),
    ...Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(act!, args, {
      cwd: checkout,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        LANG: process.env.LANG,
        GITHUB_TOKEN: token,
        NO_COLOR: '1',
      },
      ...(request.signal && { signal: request.signal }),
    });
    let log = '';
    child.stdout.on('data', (chunk) => (log += chunk));
    child.stderr.on('data', (chunk) => (log += chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, log }));
  });
}
