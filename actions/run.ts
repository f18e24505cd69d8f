import { readFileSync } from 'node:fs';
import type { RawInputs } from './inputs.ts';
import type { Event, Run } from './runner.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The run of the workflow, as GitHub's default variables tell it. */
export function readRun(env: Variables): Run {
  const [owner = '', name = ''] = (env.GITHUB_REPOSITORY ?? '').split('/');
  const server = env.GITHUB_SERVER_URL ?? 'https://github.com';
  const id = Number(env.GITHUB_RUN_ID);
  const attempt = Number(env.GITHUB_RUN_ATTEMPT ?? 1);
  return {
    repository: { owner, name, id: Number(env.GITHUB_REPOSITORY_ID) },
    id,
    attempt,
    sha: env.GITHUB_SHA ?? '',
    ref: env.GITHUB_REF ?? '',
    actor: env.GITHUB_ACTOR ?? '',
    workflow: workflowFile(env.GITHUB_WORKFLOW_REF ?? ''),
    url: `${server}/${owner}/${name}/actions/runs/${id}${attempt > 1 ? `/attempts/${attempt}` : ''}`,
    workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
    temp: env.RUNNER_TEMP ?? '/tmp',
  };
}

/** `owner/name/.github/workflows/preview.yml@refs/heads/main` → `.github/workflows/preview.yml` */
function workflowFile(ref: string): string {
  return /^[^/]+\/[^/]+\/(.+?)@/.exec(ref)?.[1] ?? 'the workflow file';
}

/** What woke the workflow. */
export function readEvent(env: Variables): Event {
  const path = env.GITHUB_EVENT_PATH;
  const payload = path === undefined ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Event['payload']);
  return { name: env.GITHUB_EVENT_NAME ?? '', payload };
}

const prefix = 'INPUT_';

/**
 * The inputs as the runner passes them in variables. Those that are set and not declared are among them, so that a wrong name is
 * seen; but nektos/act also passes on what an action around this one got, which nobody wrote for this one.
 */
export function readRawInputs(env: Variables, names: readonly string[]): RawInputs {
  const all = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(prefix) && value !== undefined ? [[name.slice(prefix.length).toLowerCase(), value] as const] : [],
  );
  const given = env.ACT === 'true' ? all.filter(([name]) => names.includes(name)) : all;
  return Object.fromEntries(given);
}

/** The variables of the step without its inputs. */
export function withoutInputs(env: Variables): Variables {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(prefix)));
}
