import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../analyzer/analyze.ts';
import { type Diagnostic, UserError } from '../../analyzer/diagnostic.ts';
import type { Graph } from '../../analyzer/mod.ts';
import { renderAnnotations } from '../../github/annotations.ts';
import { errorPage, errorSections } from '../../github/error-pages.ts';
import { repositoryOf } from '../../github/repository.ts';
import { renderSarif } from '../../github/sarif.ts';
// Not from its mod.ts: an analysis needs nothing else of the pipeline.
import { parseConfig } from '../../pipeline/config.ts';
import { version } from '../../pipeline/version.ts';
import { readText } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { forLog, inWorkflow } from '../for-log.ts';
import { paint } from '../paint.ts';
import { countBySeverity, renderByFile } from '../render-diagnostics.ts';
import { writeResult } from '../write-result.ts';

const configFile = 'fairlead.json';

export interface CheckOptions {
  /** Absent: text, and in a workflow of GitHub Actions annotations too. */
  format?: 'text' | 'json' | 'sarif' | 'github';
  /** A file, relative to the current directory. */
  output?: string;
  /** Whether warnings fail the check. */
  strict?: boolean;
}

/** Everything that is wrong with the application; wrong is what has the severity of an error, and a warning when strict. */
export async function check(context: Context, { format, output, strict = false }: CheckOptions): Promise<Result> {
  const { directory } = context;
  const findings = await find(context);
  const { diagnostics } = findings;
  const { summary, exitCode } = conclude(findings, strict);
  const annotations = () => renderAnnotations(diagnostics, repositoryOf(directory)).join('\n');
  const text = () => renderText(diagnostics, directory, summary);
  const document = format === 'sarif' ? sarif(diagnostics, directory) : { diagnostics };
  const formats = {
    text,
    json: () => JSON.stringify(document, null, 2),
    sarif: () => JSON.stringify(document, null, 2),
    github: annotations,
  };
  if (output !== undefined) writeResult(output, formats[format ?? 'text']());
  const printed = output === undefined ? format : undefined;
  const printing = printed !== undefined ? [formats[printed]()] : [text(), ...(inWorkflow() ? [annotations()] : [])];
  return {
    document,
    text: printing.filter((part) => part !== '').join('\n\n'),
    exitCode,
  };
}

export interface Findings {
  graph?: Pick<Graph, 'services'> | undefined;
  diagnostics: Diagnostic[];
}

/** The step fails when something is wrong, but the findings are a result. */
async function find({ directory, cacheDirectory, report }: Context): Promise<Findings> {
  let findings: Findings | undefined;
  try {
    return await report.step('Analyze', async () => {
      const { graph, diagnostics } = await analyze({ root: directory, cache: cacheDirectory });
      const reported = diagnostics.some(({ position }) => position?.file === configFile);
      findings = { graph, diagnostics: reported ? diagnostics : [...diagnostics, ...wrongInConfig(directory)] };
      if (findings.diagnostics.some(({ severity }) => severity === 'error')) throw new UserError(findings.diagnostics);
      return findings;
    });
  } catch (error) {
    if (findings && error instanceof UserError) return findings;
    throw error;
  }
}

function wrongInConfig(directory: string): readonly Diagnostic[] {
  try {
    parseConfig(readText(directory, configFile) ?? '{}', configFile);
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
}

function sarif(diagnostics: readonly Diagnostic[], directory: string) {
  return renderSarif(diagnostics, {
    repository: repositoryOf(directory),
    sourceOf: (file) => sourceOf(join(directory, file)),
    sections: errorSections(),
    errorPage: errorPage(process.env),
    version,
  });
}

function sourceOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A file that is not there, or may not be read, has no lines to know again.
    return undefined;
  }
}

function renderText(diagnostics: readonly Diagnostic[], directory: string, summary: string): string {
  const found = renderByFile(diagnostics, { root: directory, from: process.cwd(), paint });
  return forLog([found, links(diagnostics), summary].filter(Boolean).join('\n\n'));
}

/** Where the codes are explained, each once. */
function links(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return '';
  const sections = errorSections();
  const page = errorPage(process.env);
  return [...new Set(diagnostics.map(({ code }) => code))]
    .sort()
    .flatMap((code) => {
      const section = sections.get(code);
      return section ? [`${code}  ${paint('dim', `${page}#${section.anchor}`)}`] : [];
    })
    .join('\n');
}

/** The last line, and whether the check fails. */
export function conclude(
  { graph, diagnostics }: Findings,
  strict: boolean,
): { summary: string; exitCode: (typeof exitCodes)['done' | 'userError'] } {
  const files = new Set(diagnostics.flatMap(({ position }) => (position ? [position.file] : []))).size;
  const counted = `${countBySeverity(diagnostics)}${files > 1 ? ` in ${files} files` : ''}`;
  if (!graph || diagnostics.some(({ severity }) => severity === 'error'))
    return { summary: paint('red', counted), exitCode: exitCodes.userError };
  if (diagnostics.length === 0) return { summary: praise(graph), exitCode: exitCodes.done };
  return strict
    ? { summary: paint('red', `${counted}, and --strict takes none`), exitCode: exitCodes.userError }
    : { summary: `${praise(graph)}, ${paint('yellow', counted)}`, exitCode: exitCodes.done };
}

function praise({ services }: Pick<Graph, 'services'>): string {
  const endpoints = services.reduce((sum, service) => sum + service.endpoints.length, 0);
  return `${paint('green', 'No errors')} in ${count(services.length, 'service')} with ${count(endpoints, 'endpoint')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
