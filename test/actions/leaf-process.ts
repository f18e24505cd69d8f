import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** What a runner saw of a step. */
export interface StepOutcome {
  code: number | null;
  /** What the step wrote to its log. */
  log: string;
  /** Workflow commands in it, such as `::error title=FL6020::…`, without masks and what only debugging shows. */
  commands: string[];
  outputs: Record<string, string>;
  summary: string;
}

export interface Step {
  leaf: string;
  inputs?: Record<string, string>;
  /** `github.event`. */
  event?: { name: string; payload: object };
  env?: Record<string, string>;
  /** The repository that is checked out. */
  workspace?: string;
  /** The same for the steps of one job. @default one of its own */
  temp?: string;
  /** The folder with the program. @default the sources */
  dist?: string;
}

const variables = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY: 'ada/shop',
  GITHUB_REPOSITORY_ID: '1',
  GITHUB_RUN_ID: '7',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_ACTOR: 'ada',
  GITHUB_WORKFLOW_REF: 'ada/shop/.github/workflows/preview.yml@refs/heads/main',
};

/** Runs a leaf as a runner does: a process of its own, with inputs in variables and files for what comes out. */
export async function runLeaf({
  leaf,
  inputs = {},
  event,
  env = {},
  workspace,
  temp,
  dist,
}: Step): Promise<StepOutcome> {
  const own = mkdtempSync(join(tmpdir(), 'fairlead-step-'));
  const files = { output: join(own, 'output'), summary: join(own, 'summary'), event: join(own, 'event.json') };
  for (const path of [files.output, files.summary]) writeFileSync(path, '');
  writeFileSync(files.event, JSON.stringify(event?.payload ?? {}));
  if (temp) mkdirSync(temp, { recursive: true });
  const program = dist ? join(dist, `${leaf}.js`) : join(root, 'actions/leaves', leaf, 'main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    cwd: workspace ?? own,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      ...variables,
      GITHUB_EVENT_NAME: event?.name ?? 'push',
      GITHUB_EVENT_PATH: files.event,
      GITHUB_WORKSPACE: workspace ?? own,
      RUNNER_TEMP: temp ?? own,
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...env,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
  try {
    const code = await new Promise<number | null>((done) => child.once('close', done));
    const outputs = parseOutputs(readFileSync(files.output, 'utf8'));
    const commands = log.split('\n').filter((line) => /^\s*::(?!debug::|add-mask::)|##\[/.test(line));
    return { code, log, commands, outputs, summary: readFileSync(files.summary, 'utf8') };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** `name<<delimiter`, the value, the delimiter. */
function parseOutputs(text: string): Record<string, string> {
  const found = text.matchAll(/^(.+)<<(ghadelimiter_.+)\n([\s\S]*?)\n?\2$/gm);
  return Object.fromEntries([...found].map(([, name = '', , value = '']) => [name, value]));
}
