import { inert, renderAnnotations } from '../github/annotations.ts';
import { errorLink } from '../github/error-pages.ts';
import { machineRefusal } from '../pipeline/machine-refusal.ts';
import { type Diagnostic, type Phase, UserError } from '../pipeline/mod.ts';
import { phaseTable } from '../pipeline/tell/sections.ts';
import { version } from '../pipeline/version.ts';
import { failureSummary } from './failure-summary.ts';
import { type RawInputs, readInputs } from './inputs.ts';
import type { Leaf, LeafResult } from './leaf.ts';
import { pathIn } from './path-in.ts';
import type { Runner } from './runner.ts';

/** What a step of a workflow shows, as values: the edge writes them. */
export interface StepEnd {
  failed: boolean;
  outputs: Record<string, string>;
  /** Lines for the log, among them workflow commands. */
  lines: string[];
  /** Markdown for the job's page. */
  summary: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs a leaf to its end, whatever that is: the only place where errors are caught. */
export async function runStep(leaf: Leaf, raw: RawInputs, runner: Runner): Promise<StepEnd> {
  try {
    const inputs = inputsOf(leaf, raw, runner);
    return endOf(await leaf.run(inputs as never, runner), raw.directory || '.', runner.env);
  } catch (error) {
    return failureOf(error, raw.directory || '.', runner.env);
  }
}

/** What is wrong with inputs is written in the workflow file. */
function inputsOf(leaf: Leaf, raw: RawInputs, { run }: Runner): unknown {
  try {
    return readInputs(leaf.inputs, raw);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.diagnostics.map((one) => inWorkflow(one, run.workflow)));
  }
}

/** A diagnostic about the workflow file. */
function inWorkflow(diagnostic: Diagnostic, workflow: string): Diagnostic {
  return { ...diagnostic, position: { file: `/${workflow}`, line: 1, column: 1 } };
}

function endOf(
  { outputs, summary = '', notice, failures = [] }: LeafResult,
  directory: string,
  env: Variables,
): StepEnd {
  const lines = notice === undefined ? [] : [noticeCommand(notice)];
  if (failures.length === 0) return { failed: false, outputs, summary, lines };
  const failed = failureOf(new UserError(failures), directory, env);
  return { failed: true, outputs, lines: [...lines, ...failed.lines], summary: `${summary}\n\n${failed.summary}` };
}

function noticeCommand(text: string): string {
  return `::notice title=Fairlead::${text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`;
}

function failureOf(error: unknown, directory: string, env: Variables): StepEnd {
  const known = error instanceof UserError ? error : (notSetUp(error) ?? machineRefusal(error));
  if (!known) return bugOf(error);
  const { diagnostics } = known;
  const pathOf = pathIn(directory);
  return {
    failed: true,
    outputs: {},
    lines: [...texts(diagnostics, pathOf), ...renderAnnotations(diagnostics, { prefix: directory, pathOf })],
    summary: failureSummary(diagnostics, pathOf, (code) => errorLink(code, env)),
  };
}

/** What is not bundled is there once the kit is set up. */
function notSetUp(error: unknown): UserError | undefined {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const name =
    (code === 'ERR_MODULE_NOT_FOUND' && /Cannot find package '([^']+)'/.exec(message ?? '')?.[1]) ||
    (code === 'MODULE_NOT_FOUND' && /Cannot find module '([a-z@][^']*)'/.exec(message ?? '')?.[1]);
  if (!name) return undefined;
  const help = 'Run `actions/setup` of Fairlead in a step of the same job before this one.';
  const diagnostic = { code: 'FL6035' as const, severity: 'error' as const, message: `${name} is not installed`, help };
  return new UserError(diagnostic, { cause: error });
}

/** Annotations show only the first; the log has all. */
function texts(diagnostics: readonly Diagnostic[], pathOf: (file: string) => string): string[] {
  return diagnostics.flatMap(({ code, severity, message, help, position }) => {
    const place = position ? ` (${pathOf(position.file)}:${position.line}:${position.column})` : '';
    return inert(`${severity} ${code}: ${message}${place}\nhelp: ${help}`).split('\n');
  });
}

function bugOf(error: unknown): StepEnd {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = 'This is a bug in Fairlead, not in your application. Running the job again is safe.';
  return {
    failed: true,
    outputs: {},
    lines: [
      ...inert(
        `${stack}\nfairlead ${version}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`,
      ).split('\n'),
      `::error title=Fairlead::${message} Please report it with the lines of the log above.`,
    ],
    summary: `✖ ${message} Please report it with what the log says.`,
  };
}

/** The whole summary of a step: what came of it, and how long what took. Within what GitHub takes. */
export function wholeSummary({ summary }: StepEnd, phases: readonly Phase[]): string {
  const table = phaseTable(phases);
  const parts = [
    clipped(summary),
    ...(table === '' ? [] : [`<details>\n<summary>Phases</summary>\n\n${table}\n\n</details>`]),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** GitHub takes 1 MiB of a step. */
const longest = 900_000;

function clipped(text: string): string {
  if (Buffer.byteLength(text) <= longest) return text;
  const cut = Buffer.from(text)
    .subarray(0, longest)
    .toString('utf8')
    .replace(/\n[^\n]*$/, '');
  return `${cut}\n\n… This is cut off: GitHub shows no more.`;
}
