import { type Reporter, UserError } from '../pipeline/mod.ts';
import { type PlacedHook, readBuildSettings } from './encore-app.ts';
import { hookEnvironment } from './hook-environment.ts';
import { runProgram } from './run-program.ts';

export interface HookOptions {
  /** The user's environment; the command gets what `hookEnvironment` leaves of it. */
  env: Readonly<Record<string, string | undefined>>;
  report: Pick<Reporter, 'step'>;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the command that `build.hooks` of `encore.app` names, in the application's root and by the shell; nothing when there
 * is none. Its output is shown when it fails.
 * @throws UserError FL2507 when it fails, FL1005 when encore.app cannot be read
 */
export async function runHook(root: string, name: 'prebuild' | 'postbuild', options: HookOptions): Promise<void> {
  const hook = (await readBuildSettings(root)).hooks[name];
  if (hook) await options.report.step(`Run the ${name} hook`, () => run(root, name, hook, options));
}

async function run(root: string, name: string, hook: PlacedHook, { env, signal }: HookOptions): Promise<void> {
  const { command, position } = hook;
  const { problem, tail } = await runProgram(['/bin/sh', '-c', command], {
    directory: root,
    env: { ...hookEnvironment(env), ...hook.env },
    signal,
  });
  if (problem === undefined) return;
  const said =
    tail.length > 0 ? `. Its last words:\n${tail.map((line) => `    ${line}`).join('\n')}` : ', and said nothing';
  throw new UserError({
    code: 'FL2507',
    severity: 'error',
    message: `the ${name} hook failed: ${problem}${said}`,
    help: 'Run the command in the directory of the application. A build gives it a few variables of the environment: name what else it needs in its `env`.',
    position,
  });
}
